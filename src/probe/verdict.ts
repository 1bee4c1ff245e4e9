// The words that say what an edit did, the measurements that they stand for, and the comparison with random neurons.
import type { ProbeResult } from './results.js';
import { type Intent, NEGLIGIBLE, reaches } from './standing.js';

/** What random neurons did, over several draws: the range in which a further draw would fall. */
export interface Interval {
  mean: number;
  /** 95% prediction interval; null where a single draw says nothing of the spread. */
  low: number | null;
  high: number | null;
}

/** 97.5% quantiles of Student's t for 1 to 30 degrees of freedom. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The same for more degrees of freedom, to within 0.001. */
function quantile(freedom: number): number {
  return T[freedom - 1] ?? 1.96 + 2.4 / freedom;
}

/**
 * 95% prediction interval for one further draw from a normal distribution: mean ± t s sqrt(1 + 1/n).
 * One value alone has none.
 */
export function predictionInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const margin = quantile(n - 1) * Math.sqrt(variance * (1 + 1 / n));
  return { mean, low: mean - margin, high: mean + margin };
}

/**
 * The same for what is positive and skewed, as damage is: the interval of their logarithms. Values below the smallest that says
 * something count as that.
 */
export function positiveInterval(values: readonly number[], { least, most } = SHARES): Interval {
  const { low, high } = predictionInterval(values.map((value) => Math.log(Math.max(value, least))));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mean,
    low: low === null ? null : Math.exp(low),
    high: high === null ? null : Math.min(most, Math.exp(high)),
  };
}

/** Of mean changes of probability. */
const SHARES = { least: 1e-6, most: 1 };

/** What each verdict means: the one table that the README, `apply --help` and the terminal UI show. */
export const VERDICTS = {
  // rewrite
  works: 'the new answer is on top on every target prompt and every held-out wording',
  'works in part': 'it is on top on some target prompts and, where there are any, on some held-out wordings',
  'works on its own prompts': 'it is on top on every target prompt; no held-out wording was probed',
  'fails on other wordings': 'it is on top on target prompts, and on no held-out wording',
  'not on top': 'it is on top on no target prompt, though its probability rose',
  // suppress, erase, scale below 1
  silenced: 'the object is on top on no target prompt and no held-out wording any more',
  'silenced in part': 'it is on top on fewer of them than before',
  weakened: 'it is on top where it was; its probability fell',
  // amplify, scale above 1
  raised: 'the object is on top on every target prompt and every held-out wording; before, it was not',
  'raised in part': 'it is on top on more of them than before',
  strengthened: 'it is on top where it was; its probability rose',
  // all
  'no effect':
    'no top answer changed as intended, and the mean probability on the target prompts moved by less than 1 point',
  'wrong way': 'no top answer changed as intended, and the mean probability moved against the intention',
  'harms others':
    'the regression check failed (see the regressions), or ordinary text surprises the model too much (see the perplexity)',
} as const;

export type Verdict = keyof typeof VERDICTS;

/** Verdicts that say that an edit did all that it was meant to. */
export const SUCCESSES: ReadonlySet<string> = new Set<Verdict>([
  'works',
  'silenced',
  'raised',
  'strengthened',
]);

/** On how many of its prompts an edit shows what it is meant to, before and after it. */
export interface Share {
  before: number;
  after: number;
  of: number;
}

/** How far an edit got: the shares that its verdict stands on. */
export interface Reach {
  intent: Intent;
  /** Target prompts. */
  target: Share;
  /** Held-out wordings. */
  heldOut: Share;
}

/** Shares of an edit. @param before and `after` in one order */
export function reachOf(
  intent: Intent,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): Reach {
  const share = (role: ProbeResult['role']): Share => {
    const count = (probes: readonly ProbeResult[]) =>
      probes.filter((one) => one.role === role && reaches(intent, one)).length;
    return {
      before: count(before),
      after: count(after),
      of: before.filter((one) => one.role === role).length,
    };
  };
  return { intent, target: share('target'), heldOut: share('paraphrase') };
}

/**
 * The verdict, by the table above.
 * @param effect mean change of probability on the target prompts, positive in the direction that the operation intends
 * @param harms whether something changed that should not have
 */
export function verdictOf({ intent, target, heldOut }: Reach, effect: number, harms: boolean): Verdict {
  if (harms) return 'harms others';
  const gained = target.after + heldOut.after - target.before - heldOut.before;
  const stuck = intent === 'replace' ? target.after === 0 : gained <= 0;
  if (stuck && effect < NEGLIGIBLE) return effect > -NEGLIGIBLE ? 'no effect' : 'wrong way';
  const everywhere = target.after === target.of && heldOut.after === heldOut.of;
  switch (intent) {
    case 'replace':
      if (target.after === 0) return 'not on top';
      if (heldOut.of > 0 && heldOut.after === 0) return 'fails on other wordings';
      if (!everywhere) return 'works in part';
      return heldOut.of > 0 ? 'works' : 'works on its own prompts';
    case 'lower':
      if (everywhere) return 'silenced';
      return gained > 0 ? 'silenced in part' : 'weakened';
    case 'raise':
      if (gained > 0) return everywhere ? 'raised' : 'raised in part';
      return 'strengthened';
  }
}

export const COMPARISONS = ['better than random', 'no better than random', 'not compared'] as const;

export type Comparison = (typeof COMPARISONS)[number];

/** What an edit and its controls did. */
export interface Evidence {
  /** Mean change of probability on the target prompts, positive in the direction that the operation intends. */
  effect: number;
  /** Mean absolute change of P(expected) on neighbourhood and unrelated probes; null where there are none. */
  damage: number | null;
  /** Effect and damage of the controls; absent when none were run. */
  control?: { effect: Interval; damage: Interval } | undefined;
}

/**
 * An edit is better than random when its effect lies above the 95% prediction interval of the controls' effects; or
 * when it lies within that interval, and its damage below the interval of their damages. An edit without effect is
 * never better. A single draw has no interval, and nothing is compared with it.
 */
export function compare({ effect, damage, control }: Evidence): Comparison {
  if (!control) return 'not compared';
  if (effect < NEGLIGIBLE) return 'no better than random';
  const { low, high } = control.effect;
  const { low: least } = control.damage;
  if (low === null || high === null || least === null) return 'not compared';
  const cleaner = damage !== null && Math.max(damage, SHARES.least) < least;
  return effect > high || (effect >= low && cleaner) ? 'better than random' : 'no better than random';
}
