// How `adaptive` covers a path. It begins with Gauss-Legendre on all of it: as few nodes as it expects to need, then as
// many more as it still lacks. Where they do not help as they would help with a smooth integrand (there is a kink, or
// all that happens lies in a corner near zero), it cuts the path until every interval is smooth or hardly matters.
//
// What an interval should come to is known: the value (P, of a score map) at its end less that at its start, a forward pass
// of one row each.
import { largest } from '../numbers.js';

/** An integral of the whole path. */
interface Attempt {
  /** Nodes. */
  size: number;
  residual: number;
}

/** What Gauss-Legendre has found on one interval of a path. */
export interface Interval {
  from: number;
  to: number;
  /** What is integrated the slope of, at both ends: P(target), of a score map. */
  fromValue: number;
  toValue: number;
  /** Nodes. */
  size: number;
  /** The attempt before, from which the rate of convergence is told. */
  before: Attempt;
  /** Sum of the scores less (toValue - fromValue), relative to the path that decides most. */
  missing: number;
  /** Below this it is the error of the value itself. */
  floor: number;
}

/** An interval of which the scores are not known yet. */
export type Open = Omit<Interval, 'missing' | 'floor'>;

/** Relative error of a value in single precision. */
export const PRECISION = 2 ** -19;

/** Fall of the residual per node in a layer that decides the answer alone, measured on language models. */
const USUAL = 0.1;
const FEWEST = 2;
/** Nodes beyond which it is better to cut. */
const LARGEST = 16;
/** Nodes on either part after a cut at a quarter: on the upper one they give 1/alpha, the slope behind a corner, within 2e-5. */
const AFTER_QUARTER = 5;
/** Nodes on either half after a cut in the middle, which closes in on a kink. */
const AFTER_HALF = 3;
/** Gradients that are computed for a layer, at most. */
export const MOST = 1000;

/**
 * Nodes to begin with.
 * @param share |delta| of the layer, relative to the largest: what its residual would be without any node
 */
export function firstSize(share: number, tolerance: number): number {
  return clamp(Math.log(tolerance / share) / Math.log(USUAL), FEWEST, LARGEST);
}

/** No attempt: without any node the residual of a path is its delta. */
const NONE: Attempt = { size: 0, residual: 1 };

/** A path in one interval. */
export function wholePath(fromValue: number, toValue: number, size: number): Open {
  return { from: 0, to: 1, fromValue, toValue, size, before: NONE };
}

/**
 * The intervals that are to be improved, those that lack most first. None where the tolerance is met twice: by what the
 * path lacks as a whole, and by what its intervals lack, added up as independent errors are. Nor any that single
 * precision cannot improve.
 * @param budget gradients that may still be computed
 */
export function unfinished<T extends Interval>(
  intervals: readonly T[],
  tolerance: number,
  budget: number,
): T[] {
  const lacks = intervals.map(({ missing }) => Math.abs(missing));
  const together = Math.abs(intervals.reduce((sum, { missing }) => sum + missing, 0));
  const apart = Math.hypot(...lacks);
  if (!(Math.max(together, apart) > tolerance)) return [];
  // What each might lack if all lacked alike. A round costs hardly less for one interval than for several.
  const share = Math.min(tolerance / Math.sqrt(intervals.length), largest(lacks) / 2);
  return intervals
    .filter(({ missing, floor }) => Math.abs(missing) > Math.max(floor, share))
    .sort((a, b) => Math.abs(b.missing) - Math.abs(a.missing))
    .slice(0, Math.floor(budget / (2 * (AFTER_QUARTER + 1))));
}

/** The whole path with more nodes, so many as should do; undefined where it should be cut: then, and ever after. */
export function withMoreNodes(interval: Interval, tolerance: number): Open | undefined {
  const { size, missing, before } = interval;
  if (!isWhole(interval)) return undefined;
  const last = { size, residual: Math.abs(missing) };
  // The error of Gauss-Legendre falls geometrically with the number of nodes, where the integrand is smooth. It does so
  // in steps of uneven height: how steep the last one was counts only where a cut would not cost more.
  const expected = expectedSize(NONE, last, tolerance);
  const more = clamp(expected, size * 1.2, size * 2.5);
  const steady = more <= 2 * AFTER_QUARTER || expectedSize(before, last, tolerance) <= LARGEST;
  if (!(expected <= LARGEST && steady)) return undefined;
  return { ...interval, size: more, before: last };
}

/** Nodes at which the residual falls to the tolerance when it goes on falling as it did between two attempts. */
function expectedSize(before: Attempt, last: Attempt, tolerance: number): number {
  const perNode = Math.log(last.residual / before.residual) / (last.size - before.size);
  return perNode < 0 ? last.size + Math.log(tolerance / last.residual) / perNode : Number.POSITIVE_INFINITY;
}

/** Whether it is a path that has not been cut. */
export function isWhole({ from, to }: Pick<Interval, 'from' | 'to'>): boolean {
  return to - from === 1;
}

/** Where to cut: toward zero, at a quarter; elsewhere in the middle. */
export function cutOf({ from, to }: Pick<Interval, 'from' | 'to'>): number {
  return from === 0 ? to / 4 : (from + to) / 2;
}

/** The two parts of an interval. */
export function parts(
  { from, to, fromValue, toValue }: Interval,
  cut: number,
  cutValue: number,
): [Open, Open] {
  const size = from === 0 ? AFTER_QUARTER : AFTER_HALF;
  return [
    { from, to: cut, fromValue, toValue: cutValue, size, before: NONE },
    { from: cut, to, fromValue: cutValue, toValue, size, before: NONE },
  ];
}

/** The whole number from `least` to `most` that is nearest above; also of the infinite. */
function clamp(value: number, least: number, most: number): number {
  return Math.ceil(Math.min(most, Math.max(least, value)));
}
