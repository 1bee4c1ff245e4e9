// One neuron, as text: what it says, when it fires, what depends on it.

import type { Word, Words } from '../locate/words.js';
import { largest } from '../numbers.js';
import type { LeaveOutResult } from '../session/leave-out.js';
import type { BackgroundView, FactView, NeuronOnPrompt, NeuronView } from '../session/neuron.js';
import { factLine } from './localization.js';
import { percent, percentOr, plural, points, score, signed } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { table, wrapText } from './table.js';

/** Facts, and edits, that are listed; the JSON output has them all. */
const LISTED = 8;
/** Prompts that are shown token by token. */
const PROMPTS = 8;
/** Columns of text that is broken here, where the page has no end. */
const WIDEST = 100;

export function neuronReport(view: NeuronView, page: Page): string {
  const { style } = page;
  const { layer, neuron, norm, fact, leftOut } = view;
  return paragraphs(
    `${style.bold(`neuron ${layer}:${neuron}`)} of ${printable(view.model)}\n ${normText(norm)}`,
    wordTable(view, page),
    fact ? factReport(fact, view, page) : '',
    leftOut ? leftOutReport(leftOut, page) : '',
    [
      backgroundText(view.background, page),
      listText(
        view.past.located === 0
          ? 'no fact was located before'
          : `refined for ${view.past.facts.length} of ${plural(view.past.located, 'fact')} located before`,
        view.past.facts.map((one) => `${factLine(one)} ${score(one.meanScore)}`),
        page,
      ),
      listText(
        view.edits.length === 0 ? 'no edit changes it' : `changed by ${plural(view.edits.length, 'edit')}`,
        view.edits.map(
          ({ id, name, operation, status }) => `${id} ${printable(name)} (${operation}, ${status})`,
        ),
        page,
      ),
    ].join('\n'),
    fact ? tokenLines(fact.prompts, page) : '',
  );
}

/** "norm of its value vector 1.93: number 12 of 512 in its layer (median 1.41)" */
export function normText({ value, rank, of, median }: NeuronView['norm']): string {
  return `norm of its value vector ${value.toPrecision(3)}: number ${rank} of ${of} in its layer (median ${median.toPrecision(3)})`;
}

function wordTable({ words }: NeuronView, { width, style }: Page): string {
  const lines = (name: string, { promotes, demotes }: Words) => [
    wordLine(`${name}  promotes `, promotes, style.good, width, style),
    wordLine(`${' '.repeat(name.length)}  demotes  `, demotes, style.bad, width, style),
  ];
  return [...lines('readout  ', words.readout), ...lines('embedding', words.embedding)].join('\n');
}

/** As many words as there is room for, with what a unit of activation adds to their logits. */
function wordLine(
  head: string,
  words: readonly Word[],
  tone: (text: string) => string,
  width: number,
  style: Style,
): string {
  let used = head.length + 1;
  const shown: string[] = [];
  for (const { token, logit } of words) {
    const [word, number] = [printable(token), signed2(logit)];
    used += word.length + number.length + 3;
    if (used > Math.min(width, WIDEST)) break;
    shown.push(`${tone(word)} ${style.dim(number)}`);
  }
  return ` ${style.dim(head)}${shown.join('  ')}`;
}

function signed2(value: number): string {
  return `${value < 0 ? '' : '+'}${Math.abs(value) < 0.995 ? value.toFixed(2) : value.toPrecision(3)}`;
}

function factReport(view: FactView, { layer }: NeuronView, page: Page): string {
  const { style, width } = page;
  const place = view.refined
    ? style.good(
        `refined: coarse in ${percent(view.refined.share)} of the prompts, mean score ${signed(view.refined.meanScore)}`,
      )
    : `not refined: coarse in ${view.prompts.filter(({ coarse }) => coarse).length} of ${plural(view.prompts.length, 'prompt')}`;
  return paragraphs(
    `${style.bold(factLine(view.fact))}\n ${place}`,
    table(
      [
        { title: 'prompt', shrinks: true },
        { title: 'P(object)', align: 'right' },
        { title: 'score', align: 'right' },
        { title: 'activation', align: 'right' },
        { title: 'most elsewhere', align: 'right' },
      ],
      view.prompts.map((one) => [
        printable(one.prompt),
        percent(one.prob),
        one.coarse ? style.accent(signed(one.score)) : signed(one.score),
        activationText(one.activation),
        mostElsewhere(one),
      ]),
      width,
    ),
    operationTable(view.operations, layer, page),
  );
}

export function activationText(value: number): string {
  return signed2(value);
}

function mostElsewhere({ tokens, position }: NeuronOnPrompt): string {
  const others = tokens.filter((_, i) => i !== position);
  const most = largest(
    others.map(({ activation }) => activation),
    Number.NEGATIVE_INFINITY,
  );
  const found = others.find(({ activation }) => activation === most);
  return found ? `${activationText(found.activation)} ${printable(found.token)}` : '–';
}

/** The activation at every token, the target position starred. */
function tokenLines(prompts: readonly NeuronOnPrompt[], page: Page): string {
  const { style, width } = page;
  const { shown, more } = firstOf(prompts, PROMPTS, page);
  const lines = shown.flatMap(({ tokens, position }) => {
    const text = tokens.map(({ token, activation }, i) => {
      const one = `${printable(token)} ${activationText(activation)}`;
      return i === position ? `*${one}` : one;
    });
    return wrapText(text.join(' · '), Math.min(width, WIDEST) - 4).map((line, i) =>
      i === 0 ? ` ${line}` : `   ${line}`,
    );
  });
  return [` ${style.dim('activation at each token, the target position starred')}`, ...lines, ...more].join(
    '\n',
  );
}

function operationTable(operations: FactView['operations'], layer: number, { width, style }: Page): string {
  const inPoints = (value: number) => points(value).replace(' points', '');
  const rows = operations.flatMap(({ operation, metrics, control }) => {
    const target = metrics.roles.find(({ role }) => role === 'target');
    if (!target) return [];
    return [
      [
        operation === 'suppress' ? 'suppressed' : 'doubled',
        `${percent(target.probBefore)} → ${percent(target.probAfter)}`,
        inPoints(metrics.effect),
        control ? inPoints(control.effect.mean) : '–',
        `${Math.round(target.top1After * target.count)} of ${target.count}`,
        percentOr(metrics.sideEffects.flips.all),
        percentOr(control?.flips?.mean),
      ],
    ];
  });
  const titles = ['P(object)', 'points', 'random', 'held', 'flips', 'random'];
  const draws = operations[0]?.control?.draws.length;
  const others = draws
    ? `random: the same done to ${plural(draws, 'other neuron')} of layer ${layer}, each by itself`
    : `layer ${layer} has no other neuron to compare with`;
  return [
    table(
      [{ title: 'value vector' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
      rows,
      width,
    ),
    ` ${style.dim(others)}`,
  ].join('\n');
}

/** "leaving it out of edit 3 (fix-capital) saves 12 of the 40 answers that this changes" */
export function leftOutSentence({ edit, whole, saved, lost }: LeaveOutResult): string {
  const which = edit.id === null ? printable(edit.name) : `edit ${edit.id} (${printable(edit.name)})`;
  if (whole.changed + lost === 0) {
    return `${which} changes none of the ${plural(whole.of, 'answer')} around it, nor does it without this neuron`;
  }
  const more = lost > 0 ? `, and changes ${lost} more` : '';
  return `leaving it out of ${which} saves ${saved} of the ${plural(whole.changed, 'answer')} that this changes${more} (of ${whole.of})`;
}

function leftOutReport(result: LeaveOutResult, { style }: Page): string {
  const { edit, whole, effect, control } = result;
  const mean = (value: (one: (typeof control)[number]) => number) =>
    control.reduce((sum, one) => sum + value(one), 0) / control.length;
  const others =
    control.length === 0
      ? ' the edit changes no other neuron of this layer to compare with'
      : ` of ${plural(control.length, 'other neuron')} of the edit in this layer, each left out alone: ` +
        `saves ${mean((one) => one.saved).toFixed(1)}, effect ${points(mean((one) => one.effect))} on the average`;
  return [
    style.bold(leftOutSentence(result)),
    ` the edit's effect on its fact goes from ${points(whole.effect)} with all ${plural(edit.neurons, 'neuron')} to ${points(effect)}`,
    others,
  ].join('\n');
}

function backgroundText(background: BackgroundView | null, page: Page): string {
  if (!background) return ' no facts of this model are known that it could be held against';
  const { facts, refinedFor, share, generic, maxGeneric } = background;
  const kind = generic
    ? page.style.warn(`generic: above ${percent(maxGeneric)}`)
    : `generic above ${percent(maxGeneric)}`;
  return listText(
    `refined for ${refinedFor.length} of ${plural(facts, 'background fact')} (${percent(share)}; ${kind})`,
    refinedFor.map(factLine),
    page,
  );
}

function listText(head: string, entries: readonly string[], page: Page): string {
  if (entries.length === 0) return ` ${head}`;
  const { shown, more } = firstOf(entries, LISTED, page);
  return [` ${head}:`, `   ${page.style.dim(shown.join(' · '))}`, ...more].join('\n');
}
