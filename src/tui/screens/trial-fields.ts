// The columns of the list of trials, which are the rows when two of them are compared.
import type { Operation } from '../../index.js';
import type { Share } from '../../probe/verdict.js';
import { change, percentOr, points } from '../../report/numbers.js';
import { operationText, targetText } from '../../report/words.js';
import { fieldsOf } from '../../session/diff.js';
import type { Trial } from '../bench.js';
import type { Field } from '../hooks/use-table.js';

/** Stand where the controls still run, or were stopped. */
const RUNNING = '…';
const STOPPED = '–';

export interface ListedTrial {
  trial: Trial;
  /** What was chosen, told apart from the other trials. */
  text: string;
  /** From 1. */
  number: number;
  /** Signs for what is marked, and for the best. */
  signs: string;
}

export const TRIAL_FIELDS: readonly Field<ListedTrial>[] = [
  {
    title: 'trial',
    width: 5,
    align: 'right',
    show: ({ number, signs }) => `${signs}${number}`,
    order: ({ number }) => number,
  },
  { title: 'operation', show: ({ text }) => text },
  measured('effect', 6, ({ metrics }) => [metrics.effect, shortPoints(metrics.effect)]),
  measured('random', 6, ({ control }) =>
    control ? [control.effect.mean, shortPoints(control.effect.mean)] : [0, '–'],
  ),
  measured('damage', 6, ({ metrics: { sideEffects } }) => [
    sideEffects.damage ?? 0,
    percentOr(sideEffects.damage),
  ]),
  measured('held-out', 8, ({ reach: { heldOut } }) => [heldOut.after / heldOut.of, shareText(heldOut)]),
  measured('regressions', 11, ({ regressions }) => [regressions.length, String(regressions.length)]),
  measured('neurons', 7, ({ neurons }) => [neurons.length, String(neurons.length)]),
  measured('prompts', 7, ({ reach: { target } }) => [target.after / target.of, shareText(target)]),
  measured('flips', 6, ({ metrics: { sideEffects } }) => [
    sideEffects.flips.all ?? 0,
    percentOr(sideEffects.flips.all),
  ]),
  measured('perplexity', 10, ({ perplexity }) => [
    perplexity?.rise ?? 0,
    perplexity ? change(perplexity.rise) : '–',
  ]),
  measured('verdict', 24, ({ verdict }) => [verdict, verdict], 'left'),
];

type Result = NonNullable<Trial['result']>;

/** A column of what the whole measurement came to. @param read what it is sorted by, and what it shows */
function measured(
  title: string,
  width: number,
  read: (result: Result) => [order: number | string, text: string],
  align: 'left' | 'right' = 'right',
): Field<ListedTrial> {
  return {
    title,
    width,
    ...(align === 'right' && { align }),
    show: ({ trial: { result, stopped } }) => (result ? read(result)[1] : stopped ? STOPPED : RUNNING),
    order: ({ trial: { result } }) => (result ? read(result)[0] : Number.NEGATIVE_INFINITY),
  };
}

function shortPoints(effect: number): string {
  return points(effect).replace(' points', '');
}

function shareText({ after, of }: Share): string {
  return of > 0 ? `${after}/${of}` : '–';
}

/** What was chosen, the method first: "solve → Astana", "suppress, 8 of 9". */
export function choiceText({
  choice: { operation, chosen, left },
  stopped = false,
}: Pick<Trial, 'choice' | 'stopped'>): string {
  const taken = left.size > 0 ? `, ${chosen.length - left.size} of ${chosen.length}` : '';
  return `${shortText(operation)}${taken}${stopped ? ', stopped' : ''}`;
}

/** What was chosen, and, where another trial reads the same, the settings of locating in which they differ. */
export function textAmong(trial: Trial, tried: readonly Trial[]): string {
  const text = choiceText(trial);
  const all = tried.filter((one) => choiceText(one) === text).map(({ choice }) => fieldsOf(choice.options));
  const own = fieldsOf(trial.choice.options);
  const names = new Set(all.flatMap((fields) => [...fields.keys()]));
  const differing = [...names].filter((name) => all.some((fields) => fields.get(name) !== own.get(name)));
  const told = differing.flatMap((name) => (own.has(name) ? [`${name} ${own.get(name)}`] : []));
  return [text, ...told].join(', ');
}

/** Of a rewrite, with its settings: of several that were tried, these are what differs. */
function shortText(operation: Operation): string {
  if (operation.type !== 'rewrite') return operationText(operation);
  const { to, method = 'rewrite', neurons, lambdaOld, lambdaNew, direction } = operation;
  const settings = [
    ...(neurons === undefined ? [] : [`up to ${neurons}`]),
    ...(lambdaOld === undefined ? [] : [`λ old ${lambdaOld}`]),
    ...(lambdaNew === undefined ? [] : [`λ new ${lambdaNew}`]),
    ...(direction === undefined ? [] : [direction]),
  ];
  return [`${method} → ${targetText(to)}`, ...settings].join(', ');
}
