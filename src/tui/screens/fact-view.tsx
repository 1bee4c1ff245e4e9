// A fact with its prompts, and beside each what the model answers to it.
import type { ReactNode } from 'react';
import stringWidth from 'string-width';
import type { ModelInfo } from '../../index.js';
import { percent, plural } from '../../report/numbers.js';
import { printable, type Style } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { operationText, targetText } from '../../report/words.js';
import type { Fact } from '../../spec/edit-file.js';
import { Lines } from '../components/lines.js';
import { List } from '../components/list.js';
import { Pane } from '../components/pane.js';
import { Text } from '../components/text.js';
import { useDesk } from '../desk.js';
import type { Asked } from '../hooks/use-answers.js';
import type { Proposal } from '../hooks/use-objects.js';
import { Box } from '../ink.js';
import { FIELDS, rowsOf } from './fact-form.js';
import type { Opened } from './sources.js';

const LABEL_WIDTH = 10;
const MASK = /\[MASK\]|<mask>/g;
/** The answer, its probability, and the rank of the object. */
const ANSWER_WIDTH = 23;
/** Lines that are kept below the fact: a rule, the line under the cursor in whole, and what to make of it. */
const ADVICE_HEIGHT = 5;
/** Most of them, as a share of the screen. */
const ADVICE_SHARE = 0.5;

export interface FactViewProps {
  opened: Opened | undefined;
  answers: ReadonlyMap<string, Asked>;
  /** The line that the cursor is on, when the keys go here. */
  row: number | undefined;
  /** The mouse chose a line. */
  onRow?: (row: number) => void;
  /** Stands in place of the cursor's line while that is typed. */
  field?: ReactNode;
  /** What can be had in place of what is typed. */
  proposals?: readonly Proposal[];
  width: number;
  height: number;
}

export function FactView({
  opened,
  answers,
  row,
  onRow,
  field: typed,
  proposals,
  width,
  height,
}: FactViewProps) {
  const { style, model } = useDesk();
  if (!opened) {
    return <Lines lines={['', ' Choose a fact, or write one.']} width={width} height={height} />;
  }
  if ('problem' in opened) {
    return (
      <Box width={width} height={height} paddingTop={1}>
        <Text>{style.bad(printable(opened.problem))}</Text>
      </Box>
    );
  }
  if ('relation' in opened) {
    const lines = opened.templates.map((one) => ` ${marked(fitTo(printable(one), width - 1), style.accent)}`);
    return (
      <Pane
        title={printable(opened.relation)}
        note={plural(lines.length, 'wording')}
        active={false}
        width={width}
      >
        <Lines lines={['', ...lines]} width={width} height={height - 1} />
      </Pane>
    );
  }
  const { fact, operation, name } = opened.edit;
  const right = fact.prompts.filter((prompt) => standing(answers.get(prompt), fact) === 'right').length;
  const focused = row !== undefined;
  const mark = focused ? 2 : 1;
  const field = (label: string, text: string) =>
    `${style.dim(label.padEnd(LABEL_WIDTH))}${fitTo(text, width - LABEL_WIDTH - mark)}`;
  const rows = [
    field('subject', printable(fact.subject) || '–'),
    field('relation', printable(fact.relation) || '–'),
    field('object', fact.object === '' ? '–' : targetText(fact.object)),
    field('name', printable(name)),
    ...fact.prompts.map((prompt) => promptLine(prompt, answers.get(prompt), fact, width - mark)),
    ...(focused ? [style.dim('+ add a prompt')] : []),
  ];
  const prompt = focused ? fact.prompts[row - FIELDS.length] : undefined;
  const line = focused ? rowsOf(opened.edit)[row] : undefined;
  const whole = prompt ?? (line && stringWidth(line) > width - LABEL_WIDTH - mark ? line : undefined);
  const advice = adviceFor(prompt, answers, fact, right, model);
  const tone = advice.tone === 'warn' ? style.warn : style.dim;
  const proposed = proposals ? proposalLines(proposals, width - 2, style) : undefined;
  const said = proposed ?? [
    ...(whole === undefined ? [] : wrapText(printable(whole), width - 2)).map((line) =>
      marked(line, style.accent),
    ),
    ...wrapText(advice.text, width - 2).map(tone),
  ];
  const below = [style.dim('─'.repeat(width - 1)), ...said].map((line) => ` ${line}`);
  const belowHeight = Math.max(ADVICE_HEIGHT, Math.min(below.length, Math.floor(height * ADVICE_SHARE)));
  const room = height - 1 - belowHeight;
  return (
    <Pane title={printable(name)} note={operationText(operation)} active={focused} width={width}>
      {focused ? (
        <List
          rows={rows}
          cursor={row}
          active
          width={width}
          height={room}
          field={typed}
          {...(onRow && { onChoose: onRow })}
        />
      ) : (
        <Lines lines={rows.map((line) => ` ${line}`)} width={width} height={room} />
      )}
      <Lines lines={below} width={width} height={belowHeight} />
    </Pane>
  );

  function promptLine(text: string, asked: Asked | undefined, of: Fact, room: number): string {
    const words = room - ANSWER_WIDTH - 3;
    const shown = marked(fitTo(printable(text), words), style.accent);
    const sign = { right: style.good('✓'), wrong: style.warn('✗'), unusable: style.bad('!'), asking: ' ' };
    return `${sign[standing(asked, of)]} ${shown} ${answerText(asked, of)}`;
  }

  function answerText(asked: Asked | undefined, of: Fact): string {
    if (!asked) return style.dim(fitTo(model ? '…' : 'waits for the model', ANSWER_WIDTH));
    if ('problem' in asked) return style.bad(fitTo(printable(asked.problem), ANSWER_WIDTH));
    const top = asked.answer.top[0];
    const { target } = asked.answer;
    const rank = target ? `#${target.rank}` : '';
    const number = percent(top?.prob ?? 0).padStart(7);
    const text = `${fitTo(printable(top?.token ?? ''), ANSWER_WIDTH - 13)} ${number}${rank.padStart(5)}`;
    return standing(asked, of) === 'wrong' ? style.warn(text) : text;
  }
}

type Standing = 'asking' | 'right' | 'wrong' | 'unusable';

/** Whether a prompt is answered with the object. */
function standing(asked: Asked | undefined, fact: Fact): Standing {
  if (!asked) return 'asking';
  if ('problem' in asked) return 'unusable';
  if (fact.object === '') return 'asking'; // there is nothing yet to hold the answer against
  return asked.answer.target?.rank === 1 ? 'right' : 'wrong';
}

function adviceFor(
  prompt: string | undefined,
  answers: ReadonlyMap<string, Asked>,
  fact: Fact,
  right: number,
  model: ModelInfo | undefined,
): { text: string; tone: 'dim' | 'warn' } {
  const asked = prompt === undefined ? undefined : answers.get(prompt);
  if (asked && 'problem' in asked) return { text: printable(asked.problem), tone: 'warn' };
  const target = asked?.answer.target;
  if (asked && target) {
    const place = `P(object) ${percent(target.prob)}, rank ${target.rank}`;
    if (target.rank === 1) return { text: place, tone: 'dim' };
    return {
      text: `${place}: the model answers "${printable(asked.answer.top[0]?.token ?? '')}". Reword the prompt, or remove it (d).`,
      tone: 'warn',
    };
  }
  const count = fact.prompts.length;
  if (count === 0) {
    const form = model?.causal ? 'ending where the object follows' : 'with [MASK] where the object belongs';
    return { text: `Add prompts (a), several wordings, each ${form}.`, tone: 'warn' };
  }
  if (fact.object === '')
    return { text: 'The object is missing: what the model should answer.', tone: 'warn' };
  if (!model || fact.prompts.some((one) => !answers.has(one)))
    return { text: `${plural(count, 'prompt')}, being asked`, tone: 'dim' };
  const unusable = [...answers.values()].find((one) => 'problem' in one);
  if (unusable && 'problem' in unusable) return { text: printable(unusable.problem), tone: 'warn' };
  const known = `${right} of ${plural(count, 'prompt')} answered with the object.`;
  if (right < count)
    return {
      text: `${known} Reword or remove the others (✗): they say little about where it lies.`,
      tone: 'warn',
    };
  if (count < 3) return { text: `${known} A few more wordings would tell what they share.`, tone: 'warn' };
  return { text: `${known} n locates it.`, tone: 'dim' };
}

/** The mask, made to stand out. The text must hold no colour codes. */
function marked(text: string, tone: (text: string) => string): string {
  return text.replace(MASK, (mask) => tone(mask));
}

/** Texts in a row, as many as fit, with the one that is chosen made to stand out. */
function proposalLines(proposals: readonly Proposal[], width: number, style: Style): string[] {
  if (proposals.length === 0) return [style.dim('no proposals')];
  const [own, others] = [
    proposals.filter(({ prob }) => prob !== undefined),
    proposals.filter(({ prob }) => prob === undefined),
  ];
  const line = (label: string, some: readonly Proposal[]) => {
    if (some.length === 0) return [];
    let room = width - label.length;
    const texts = some.flatMap(({ text, prob, chosen }) => {
      const shown = `${printable(text)}${prob === undefined ? '' : ` ${percent(prob)}`}`;
      room -= stringWidth(shown) + 2;
      return room < -2 ? [] : [chosen ? style.accent(style.bold(shown)) : shown];
    });
    return [`${style.dim(label)}${texts.join('  ')}`];
  };
  return [
    ...line('↓ the model says: ', own),
    ...line(own.length > 0 ? '  its vocabulary: ' : '↓ its vocabulary: ', others),
  ];
}
