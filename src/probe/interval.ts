// The range in which one more draw would fall.

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
    low: low === null ? null : low <= Math.log(least) ? 0 : Math.exp(low),
    high: high === null ? null : Math.min(most, Math.exp(high)),
  };
}

/** Of mean changes of probability. */
export const SHARES = { least: 1e-6, most: 1 };
