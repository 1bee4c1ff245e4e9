// An effect beside its controls, and the one sentence that follows from it.

/** What random neurons did, over several draws: the range in which a further draw would fall. */
export interface Interval {
  mean: number;
  /** 95% prediction interval. */
  low: number;
  high: number;
}

/** 97.5% quantiles of Student's t for 1 to 10 degrees of freedom, and of the normal distribution beyond. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * 95% prediction interval for one further draw from a normal distribution: mean ± t s sqrt(1 + 1/n).
 * One value alone gives an interval of no width.
 */
export function predictionInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: mean, high: mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const margin = (T[n - 2] ?? 1.96) * Math.sqrt(variance * (1 + 1 / n));
  return { mean, low: mean - margin, high: mean + margin };
}

/**
 * The same for quantities that are positive and skewed (damage): the interval of their logarithms. Values of zero
 * count as the smallest that says something.
 */
export function positiveInterval(values: readonly number[]): Interval {
  const { low, high } = predictionInterval(values.map((value) => Math.log(Math.max(value, SMALLEST))));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, low: Math.exp(low), high: Math.exp(high) };
}

const SMALLEST = 1e-6;

export const VERDICTS = ['works', 'works, but no better than random', 'no effect', 'harms others'] as const;

export type Verdict = (typeof VERDICTS)[number];

/** Change of probability below which an operation has no effect. */
const NEGLIGIBLE = 0.01;

export interface Evidence {
  /** Mean change of probability on the fact, positive in the direction that the operation intends. */
  effect: number;
  /** Mean absolute change of probability on the facts around it. */
  damage: number;
  regressions: number;
  /** Effect and damage of the controls; absent when none were run. */
  control?: { effect: Interval; damage: Interval } | undefined;
}

/**
 * The verdict. An operation is better than random when its effect lies above the controls' interval, or when it is
 * no smaller than theirs and does less damage than their interval.
 */
export function verdictOf({ effect, damage, regressions, control }: Evidence): Verdict {
  if (regressions > 0) return 'harms others';
  if (effect < NEGLIGIBLE) return 'no effect';
  if (!control) return 'works';
  const stronger = effect > control.effect.high;
  const cleaner = effect >= control.effect.low && damage < control.damage.low;
  return stronger || cleaner ? 'works' : 'works, but no better than random';
}
