// Averages over facts, with their spread and how far they can be trusted: seeded bootstrap intervals (Efron 1979).
import { seeded } from '../../random.js';

/** A number that stands for many facts. */
export interface Estimate {
  /** Facts, or whatever else was drawn: the units of the interval. */
  n: number;
  value: number;
  /** Sample standard deviation over the units; null of a single one, and where a number is no mean of them. */
  sd: number | null;
  /** 95% interval; null of a single unit. */
  low: number | null;
  high: number | null;
}

/** Any number that can be worked out again when each unit counts as often as a resample has drawn it. */
export type Statistic = (weights: ArrayLike<number>) => number;

/** Resamples: a thousand, and of very many units fewer, but enough for the ends of a 95% interval. */
const resamplesOf = (n: number) => Math.max(200, Math.min(1000, Math.round(4e6 / n)));
const SEED = 1;
const TAIL = 0.025;

/**
 * A statistic over units with its percentile bootstrap interval. The same number of units is always resampled in the same
 * way, so that two statistics of the same facts are drawn together.
 * @param deviations the units' own values, where the statistic is their mean
 */
export function estimate(n: number, statistic: Statistic, deviations?: readonly number[]): Estimate {
  const weights = new Int32Array(n).fill(1);
  const value = statistic(weights);
  const sd = deviations ? deviation(deviations) : null;
  if (n < 2) return { n, value, sd, low: null, high: null };
  const random = seeded(SEED);
  const drawn: number[] = [];
  for (let k = resamplesOf(n); k > 0; k--) {
    weights.fill(0);
    for (let i = 0; i < n; i++) {
      const unit = Math.floor(random() * n);
      weights[unit] = (weights[unit] ?? 0) + 1;
    }
    const one = statistic(weights);
    if (!Number.isNaN(one)) drawn.push(one);
  }
  drawn.sort((a, b) => a - b);
  return { n, value, sd, low: quantile(drawn, TAIL), high: quantile(drawn, 1 - TAIL) };
}

/** The mean of one value per unit; undefined of none. */
export function meanOf(values: readonly number[]): Estimate | undefined {
  if (values.length === 0) return undefined;
  return estimate(values.length, weightedMean(values), values);
}

/** @returns the mean of some values as a statistic */
export function weightedMean(values: readonly number[]): Statistic {
  return (weights) => ratio(values, undefined, weights);
}

/** A unit's share in two sums. */
export interface Parts {
  over: number;
  under: number;
}

/** The ratio of two sums over units, which is that of their means; undefined where there is nothing to divide by. */
export function ratioOf(parts: readonly Parts[]): Estimate | undefined {
  if (sum(parts.map(({ under }) => under)) === 0) return undefined;
  const { statistic, values } = weightedRatio(parts);
  return estimate(parts.length, statistic, values);
}

/**
 * @returns a ratio of sums as a statistic; and values of the units of which it is the mean, and which spread as it does: the
 *   ratio linearized at what was found (Cochran 1977, Sampling Techniques, section 6.4)
 */
export function weightedRatio(parts: readonly Parts[]): { statistic: Statistic; values: number[] } {
  const [over, under] = [parts.map((one) => one.over), parts.map((one) => one.under)];
  const mean = sum(under) / parts.length;
  const found = sum(over) / sum(under);
  return {
    statistic: (weights) => ratio(over, under, weights),
    values: over.map((value, i) => found + (value - found * (under[i] ?? 0)) / mean),
  };
}

function ratio(
  over: readonly number[],
  under: readonly number[] | undefined,
  weights: ArrayLike<number>,
): number {
  let [above, below] = [0, 0];
  for (let i = 0; i < over.length; i++) {
    const weight = weights[i] ?? 0;
    above += weight * (over[i] ?? 0);
    below += weight * (under ? (under[i] ?? 0) : 1);
  }
  return above / below;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of a sample: with n - 1 below. */
function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

/** Linear between the two sorted values beside it; null of none. */
function quantile(sorted: readonly number[], share: number): number | null {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  return below === undefined || above === undefined ? null : below + (above - below) * (place % 1);
}
