// What stands around every screen: whose model in which state, the five steps, what is running, and the keys.
import stringWidth from 'string-width';
import type { Progress } from '../../index.js';
import { plural } from '../../report/numbers.js';
import { stageText } from '../../report/progress.js';
import { printable } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { STEPS } from '../bench.js';
import { useDesk } from '../desk.js';
import { useTurn } from '../hooks/use-turn.js';
import type { Work } from '../hooks/use-work.js';
import { Box, Text } from '../ink.js';
import { type Binding, KEYS, keySigns, type Scope } from '../keys.js';
import { Lines } from './lines.js';

/** Lines that the frame takes above and below a screen, without what it has to say. */
export const FRAME_HEIGHT = 4;
/** Most lines of what it has to say. */
const LONGEST_NOTICE = 3;

export interface Notice {
  text: string;
  tone: 'bad' | 'good' | 'dim';
}

/** The lines of a notice; where there is none, one is kept for what is running. */
export function noticeLines(notice: Notice | undefined, width: number): string[] {
  return wrapText(printable(notice?.text ?? ''), width - 2).slice(0, LONGEST_NOTICE);
}

export function Header({ width, db }: { width: number; db: string }) {
  const { style, model, session, edits, bench } = useDesk();
  const applied = edits.filter(({ status }) => status === 'applied').length;
  const state = applied === 0 ? 'base' : `base + ${plural(applied, 'edit')}`;
  const who = model
    ? `${printable(model.name)} · ${state} · ${session?.engine?.engine ?? ''}`
    : 'loading the model';
  const left = ` kn-edit  ${who}`;
  const right = fitTo(db, Math.max(0, Math.min(stringWidth(db), width - stringWidth(left) - 3)));
  const gap = ' '.repeat(Math.max(1, width - stringWidth(left) - stringWidth(right) - 1));
  const steps = STEPS.map((step, i) => {
    const name = `${i + 1} ${step.charAt(0).toUpperCase()}${step.slice(1)}`;
    return step === bench.step ? style.accent(style.bold(`[${name}]`)) : style.dim(` ${name} `);
  });
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text wrap="truncate">
        {' '}
        {style.bold('kn-edit')}
        {'  '}
        {applied === 0 ? who : who.replace(state, style.warn(state))}
        {gap}
        {style.dim(right)}
      </Text>
      <Text wrap="truncate"> {steps.join(style.dim('→'))}</Text>
      <Text>{style.dim('─'.repeat(width))}</Text>
    </Box>
  );
}

export interface FooterProps {
  width: number;
  scope: Scope;
  notice: Notice | undefined;
}

export function Footer({ width, scope, notice }: FooterProps) {
  const { style, work, model } = useDesk();
  const turn = useTurn(work !== undefined);
  const line = work ? workLine(work, turn, model?.layers ?? 1, width) : undefined;
  const said = noticeLines(notice, width).map((text) => ` ${notice ? style[notice.tone](text) : text}`);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Lines lines={line ? [style.accent(line)] : said} width={width} height={said.length} />
      <Text wrap="truncate">{style.dim(hints(scope, width))}</Text>
    </Box>
  );
}

/** The keys worth knowing here, as many as fit. */
function hints(scope: Scope, width: number): string {
  const named: Binding[] = [...Object.values(KEYS[scope]), ...Object.values(KEYS.everywhere)];
  const texts = named.flatMap((binding) =>
    binding.hint ? [`${keySigns(binding).split(' ')[0]} ${binding.hint}`] : [],
  );
  const own = texts.slice(0, -2);
  const always = texts.slice(-2).join('  ');
  let line = '';
  for (const text of own) {
    if (stringWidth(` ${line}${text}  ${always}`) > width) break;
    line += `${text}  `;
  }
  return ` ${line}${always}`;
}

const CELLS = 12;

function workLine({ label, progress, since }: Work, turn: string, layers: number, width: number): string {
  if (!progress) return ` ${turn} ${label}`;
  const { stage, done, total } = progress;
  const stops = stage === 'load' ? '' : ' · esc stops';
  const filled = Math.round((done / Math.max(1, total)) * CELLS);
  const meter = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
  const line = ` ${turn} ${meter} ${counted(progress, layers)}${leftOver(progress, since)}${stops}`;
  return fitTo(line, width - 1);
}

function counted(progress: Progress, layers: number): string {
  const { stage, done, total } = progress;
  if (stage !== 'locate' && stage !== 'background')
    return `${stageText(stage)} ${total > 1 ? `${done}/${total}` : ''}`;
  return `${stageText(stage)}: prompt ${done}/${total} × ${plural(layers, 'layer')}`;
}

/** Time left, once there is something to judge by. */
function leftOver({ done, total }: Progress, since: number): string {
  if (done < 2 || done >= total) return '';
  const seconds = ((performance.now() - since) / 1000 / done) * (total - done);
  return `, ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
}
