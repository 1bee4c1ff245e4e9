// What stands around every screen: whose model in which state, the five steps, what is running, and the keys.
import stringWidth from 'string-width';
import type { EditSummary, Progress } from '../../index.js';
import { truncate } from '../../report/cut.js';
import { plural } from '../../report/numbers.js';
import { stageText } from '../../report/progress.js';
import { oneLine, printable } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { STEPS } from '../bench.js';
import { useDesk } from '../desk.js';
import { useHolder, usePress } from '../hooks/keyboard.js';
import { useClick } from '../hooks/use-click.js';
import { useTurn } from '../hooks/use-turn.js';
import type { Work } from '../hooks/use-work.js';
import { Box } from '../ink.js';
import { type Binding, KEYS, keySigns, keysOn, type Scope } from '../keys.js';
import { Lines } from './lines.js';
import { Text } from './text.js';

/** Lines that the frame takes above and below a screen, without what it has to say. */
export const FRAME_HEIGHT = 4;
/** Most lines of what it has to say. */
const LONGEST_NOTICE = 3;

export interface Notice {
  text: string;
  tone: 'bad' | 'good' | 'dim';
  /** What is worth knowing beside it. */
  notes?: readonly string[];
}

/** The lines of a notice; where there is none, one is kept for what is running. */
export function noticeLines(notice: Notice | undefined, width: number): string[] {
  const { text = '', notes = [] } = notice ?? {};
  const said = [text, ...notes.map((note) => `note: ${note}`)].filter((one) => one !== '');
  return wrapText(oneLine(said.join(' · ')), width - 2).slice(0, LONGEST_NOTICE);
}

const BASE = 'base';

/** "base + 2 edits". */
export function stateText(edits: readonly EditSummary[]): string {
  const applied = edits.filter(({ status }) => status === 'applied').length;
  return applied === 0 ? BASE : `${BASE} + ${plural(applied, 'edit')}`;
}

export function Header({ width, db }: { width: number; db: string }) {
  const { style, model, session, edits, bench } = useDesk();
  const state = stateText(edits);
  const who = model
    ? `${printable(model.name)} · ${state} · ${session?.engine?.engine ?? ''}`
    : 'loading the model';
  const left = ` kn-edit  ${who}`;
  const right = fitTo(db, Math.max(0, Math.min(stringWidth(db), width - stringWidth(left) - 3)));
  const gap = ' '.repeat(Math.max(1, width - stringWidth(left) - stringWidth(right) - 1));
  const names = STEPS.map((step, i) => `${i + 1} ${step.charAt(0).toUpperCase()}${step.slice(1)}`);
  const press = usePress();
  const tabs = useClick(({ column }) => {
    const index = stepAt(names, column);
    if (index !== undefined) press(String(index + 1));
  }, true);
  const steps = STEPS.map((step, i) => {
    const name = names[i] ?? '';
    return step === bench.step ? style.accent(style.bold(`[${name}]`)) : style.dim(` ${name} `);
  });
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text wrap="truncate">
        {' '}
        {style.bold('kn-edit')}
        {'  '}
        {state === BASE ? who : who.replace(state, style.warn(state))}
        {gap}
        {style.dim(right)}
      </Text>
      <Box ref={tabs}>
        <Text wrap="truncate"> {steps.join(style.dim('→'))}</Text>
      </Box>
      <Text>{style.dim('─'.repeat(width))}</Text>
    </Box>
  );
}

/** The step whose name stands at a column; each has a character around it and one behind. */
function stepAt(names: readonly string[], column: number): number | undefined {
  let start = 1;
  for (const [i, name] of names.entries()) {
    const end = start + name.length + 2;
    if (column >= start && column < end) return i;
    start = end + 1;
  }
  return undefined;
}

export interface FooterProps {
  width: number;
  scope: Scope;
  notice: Notice | undefined;
}

export function Footer({ width, scope, notice }: FooterProps) {
  const { style, work, model } = useDesk();
  const turn = useTurn(work !== undefined);
  const holder = useHolder();
  const line = work ? workLine(work, turn, model?.layers ?? 1, width) : undefined;
  const said = noticeLines(notice, width).map((text) => ` ${notice ? style[notice.tone](text) : text}`);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Lines lines={line ? [style.accent(line)] : said} width={width} height={said.length} />
      <Text wrap="truncate">
        {style.dim(holder ? hints(KEYS[holder], {}, width) : hints(keysOn(scope), KEYS.everywhere, width))}
      </Text>
    </Box>
  );
}

/** The keys worth knowing here, as many as fit, and behind them those that hold everywhere. */
function hints(here: Record<string, Binding>, everywhere: Record<string, Binding>, width: number): string {
  const texts = (bindings: Record<string, Binding>) =>
    Object.values(bindings).flatMap((one) =>
      one.hint ? [`${keySigns(one).split(' ')[0]} ${one.hint}`] : [],
    );
  const always = texts(everywhere).slice(-2).join('  ');
  let line = '';
  for (const text of [...texts(here), ...texts(everywhere).slice(0, -2)]) {
    if (stringWidth(` ${line}${text}  ${always}`) > width) break;
    line += `${text}  `;
  }
  return ` ${line}${always}`;
}

const CELLS = 12;

/** What is running; where there is little room, its name gives way, not how long it takes and how it is stopped. */
function workLine({ label, progress, since }: Work, turn: string, layers: number, width: number): string {
  const { stage, done = 0, total = 1 } = progress ?? {};
  const filled = Math.round((done / Math.max(1, total)) * CELLS);
  const meter = progress ? ` ${'█'.repeat(filled)}${'░'.repeat(CELLS - filled)}` : '';
  const left = ` ${turn}${meter} `;
  const stops = stage === 'load' || !progress ? '' : ' · esc stops';
  const right = `${progress ? leftOver(progress, since) : ''}${stops}`;
  const room = width - 1 - stringWidth(left) - stringWidth(right);
  const about = progress ? counted(progress, layers, room) : label;
  return `${left}${truncate(about, room)}${right}`;
}

/** The stage and how far it is; in detail where there is room. */
function counted({ stage, done, total }: Progress, layers: number, room: number): string {
  const short = `${stageText(stage)}${total > 1 ? ` ${done}/${total}` : ''}`;
  if (stage !== 'locate' && stage !== 'background') return short;
  const long = `${stageText(stage)}: prompt ${done}/${total} × ${plural(layers, 'layer')}`;
  return stringWidth(long) <= room ? long : short;
}

/** Time left, once there is something to judge by. */
function leftOver({ done, total }: Progress, since: number): string {
  if (done < 2 || done >= total) return '';
  const seconds = ((performance.now() - since) / 1000 / done) * (total - done);
  return `, ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
}
