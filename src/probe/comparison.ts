// What it is worth that an operation acts on these neurons: the edit beside the same on other neurons, which have none of
// the fact. Where those succeed as well, what counts is what they break.
import type { Interval } from './interval.js';
import { NEGLIGIBLE } from './standing.js';

export const COMPARISONS = ['better than random', 'no better than random', 'not compared'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What location can buy: more of what was meant, or less of what was not. */
export const GAINS = ['success', 'specificity'] as const;
export type Gain = (typeof GAINS)[number];

/** What is broken beside: the more, the worse. */
export const HARMS = ['flips', 'damage', 'perplexityRise'] as const;
/**
 * `flips`: share of neighbourhood and unrelated probes with another answer on top; `damage`: mean absolute change of
 * P(expected) on them; `perplexityRise`: on ordinary text, relative. Null where it is not measured.
 */
export type Harm = Record<(typeof HARMS)[number], number | null>;

/** What an edit and its controls did. */
export interface Evidence {
  /** Mean change of probability on the target prompts, positive in the direction that the operation intends. */
  effect: number;
  harm: Harm;
  /** Effect and harm of the controls; absent when none were run. */
  control?: { effect: Interval; harm: Record<keyof Harm, Interval | null> } | undefined;
}

export interface Compared {
  comparison: Comparison;
  gains: Gain[];
}

/**
 * An edit gains *success* when its effect lies above the 95% prediction interval of the controls' effects; and *specificity*
 * when its effect is not below that interval, some of its harms lie below the intervals of the controls' harms, and none
 * above. It is better than random when it gains either. An edit without effect never is. A single draw has no interval, and
 * nothing is compared with it.
 */
export function compare({ effect, harm, control }: Evidence): Compared {
  if (!control) return { comparison: 'not compared', gains: [] };
  if (effect < NEGLIGIBLE) return { comparison: 'no better than random', gains: [] };
  const success = sideOf(effect, control.effect);
  if (success === undefined) return { comparison: 'not compared', gains: [] };
  const sides = HARMS.map((one) => sideOf(harm[one] && Math.max(0, harm[one]), control.harm[one])); // a fall is no gain
  const specific = success !== 'below' && sides.includes('below') && !sides.includes('above');
  const gains = GAINS.filter((gain) => (gain === 'success' ? success === 'above' : specific));
  return { comparison: gains.length > 0 ? 'better than random' : 'no better than random', gains };
}

/** Where a value lies beside an interval; undefined where one of the two is not known. */
function sideOf(value: number | null, interval: Interval | null): 'below' | 'within' | 'above' | undefined {
  if (value === null || !interval || interval.low === null || interval.high === null) return undefined;
  if (value < interval.low) return 'below';
  return value > interval.high ? 'above' : 'within';
}
