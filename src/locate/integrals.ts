// Integrals along many paths, side by side, refined together until they are good enough.
import {
  cutOf,
  firstSize,
  type Interval,
  isWhole,
  MOST,
  type Open,
  PRECISION,
  parts,
  unfinished,
  wholePath,
  withMoreNodes,
} from './adaptive.js';
import type { Integrated, Nodes } from './nodes.js';
import { gaussLegendreOn, quadrature } from './quadrature.js';
import type { AttributionSettings, Completeness } from './score-map.js';

/** A value that changes along paths, and its gradient there. @typeParam P what tells one path from another */
export interface Integrand<P> {
  /** What the nodes come to, weighted, and the value at each of them. */
  integrate(points: readonly (P & Nodes)[]): Integrated[];
  /** The value at the points, each of one node. */
  valuesAt(points: readonly (P & Nodes)[]): number[];
}

/** A path from zero to an activation. */
export interface Path<P> {
  where: P;
  /** The value at its end. */
  to: number;
  /** That less the value at its start. */
  delta: number;
  /** What residuals are relative to: the largest |delta| of the paths that it is one of. */
  scale: number;
}

/** The integral along one path. */
export interface PathIntegral {
  scores: Float32Array;
  completeness: Completeness;
}

interface Integral<P> {
  path: Path<P>;
  /** Intervals that make up the path, as far as they are integrated. */
  intervals: Measured[];
  /** Gradients that were computed. */
  computed: number;
}

interface Measured extends Interval {
  /** Its part of the scores. */
  scores: Float32Array;
  /** The value where the interval would be cut, if that was asked along with it. */
  cutValue?: number | undefined;
}

/** The integrals of all paths, in their order, and how complete they are. */
export function integratePaths<P extends object>(
  integrand: Integrand<P>,
  paths: readonly Path<P>[],
  { rule, steps, tolerance }: Pick<AttributionSettings, 'rule' | 'steps' | 'tolerance'>,
): PathIntegral[] {
  const adaptive = rule === 'adaptive';
  const integrals = paths.map((path): Integral<P> => ({ path, intervals: [], computed: 0 }));
  let open = integrals.map((integral): Task<P> => {
    const { to, delta } = integral.path;
    const size = adaptive ? firstSize(relative(Math.abs(delta), integral.path), tolerance) : steps;
    return { integral, interval: wholePath(to - delta, to, size) };
  });
  while (open.length > 0) {
    const rules = open.map(({ interval: { from, to, size } }) =>
      adaptive ? gaussLegendreOn(from, to, size) : quadrature(rule, size),
    );
    // What has been cut is often cut again: a further node costs less than a pass through the network for it alone.
    const points = open.map(({ integral: { path }, interval }, i): P & Nodes => {
      const { nodes = [], weights = [] } = rules[i] ?? {};
      if (isWhole(interval)) return { ...path.where, nodes, weights };
      return { ...path.where, nodes: [...nodes, cutOf(interval)], weights: [...weights, 0] };
    });
    const found = integrand.integrate(points);
    open.forEach(({ integral, interval }, i) => {
      const { fromValue, toValue } = interval;
      const { scores = new Float32Array(), values = [] } = found[i] ?? {};
      const size = rules[i]?.nodes.length ?? 0;
      const missing = relative(sumOf(scores) - (toValue - fromValue), integral.path);
      const floor = relative(PRECISION * Math.max(Math.abs(fromValue), Math.abs(toValue)), integral.path);
      integral.intervals.push({ ...interval, size, scores, cutValue: values[size], missing, floor });
      integral.computed += values.length;
    });
    const touched = new Set(open.map(({ integral }) => integral));
    open = adaptive ? refine(integrand, [...touched], tolerance) : [];
  }
  return integrals.map(({ path, intervals }) => {
    const scores = new Float32Array(intervals[0]?.scores.length ?? 0);
    for (const part of intervals) addTo(scores, part.scores);
    const { delta } = path;
    const sum = intervals.reduce((total, one) => total + sumOf(one.scores), 0);
    const nodes = intervals.reduce((total, { size }) => total + size, 0);
    return { scores, completeness: { sum, delta, residual: relative(Math.abs(sum - delta), path), nodes } };
  });
}

function relative<P>(value: number, { scale }: Path<P>): number {
  return scale > 0 ? value / scale : 0;
}

/** An interval that is to be integrated. */
interface Task<P> {
  integral: Integral<P>;
  interval: Open;
}

/** Takes the intervals that are not good enough out of their integrals. @returns what is to come in their place */
function refine<P extends object>(
  integrand: Integrand<P>,
  integrals: readonly Integral<P>[],
  tolerance: number,
): Task<P>[] {
  const tasks: Task<P>[] = [];
  const cuts: { integral: Integral<P>; interval: Measured }[] = [];
  for (const integral of integrals) {
    for (const interval of unfinished(integral.intervals, tolerance, MOST - integral.computed)) {
      integral.intervals.splice(integral.intervals.indexOf(interval), 1);
      const larger = withMoreNodes(interval, tolerance);
      if (larger) tasks.push({ integral, interval: larger });
      else cuts.push({ integral, interval });
    }
  }
  const unknown = cuts.filter(({ interval }) => interval.cutValue === undefined);
  const values = integrand.valuesAt(
    unknown.map(({ integral: { path }, interval }) => {
      return { ...path.where, nodes: [cutOf(interval)], weights: [0] };
    }),
  );
  for (const cut of cuts) {
    const { integral, interval } = cut;
    const value = interval.cutValue ?? values[unknown.indexOf(cut)] ?? 0;
    for (const part of parts(interval, cutOf(interval), value)) tasks.push({ integral, interval: part });
  }
  return tasks;
}

function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function addTo(sums: Float32Array, values: Float32Array): void {
  values.forEach((value, i) => {
    sums[i] = (sums[i] ?? 0) + value;
  });
}
