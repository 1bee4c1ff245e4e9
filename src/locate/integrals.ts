// The integrals along the paths of all layers and prompts, side by side, refined together until they are good enough.
import { largest } from '../numbers.js';
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
import { integrate, type Points, probabilitiesAt, type Traced } from './integrand.js';
import { gaussLegendreOn, quadrature } from './quadrature.js';
import type { AttributionSettings, Completeness, LayerScores, PathEnds } from './score-map.js';

/** The integral of one prompt through one layer. */
interface Integral {
  prompt: number;
  layer: number;
  /** Intervals that make up the path, as far as they are integrated. */
  intervals: Measured[];
  /** Gradients that were computed. */
  computed: number;
}

interface Measured extends Interval {
  /** Its part of the scores [F]. */
  scores: Float32Array;
  /** P(target) where the interval would be cut, if that was asked along with it. */
  cutProb?: number | undefined;
}

/**
 * The scores of some layers, and how complete they are.
 * @param ends of all layers, one entry per prompt
 * @returns one entry per prompt, in the order of `layers`
 */
export function integrateLayers(
  traced: Traced,
  layers: readonly number[],
  ends: readonly PathEnds[],
  { rule, steps, tolerance }: AttributionSettings,
): LayerScores[] {
  const adaptive = rule === 'adaptive';
  const scales = ends.map(({ deltas }) => largest(deltas.map(Math.abs)));
  const relative = (value: number, prompt: number) => {
    const scale = scales[prompt] ?? 0;
    return scale > 0 ? value / scale : 0;
  };
  const integrals = ends.map((_, prompt) =>
    layers.map((layer): Integral => ({ prompt, layer, intervals: [], computed: 0 })),
  );
  let open = integrals.flat().map((integral): Task => {
    const { prob = 0, deltas = [] } = ends[integral.prompt] ?? {};
    const delta = deltas[integral.layer] ?? 0;
    const size = adaptive ? firstSize(relative(Math.abs(delta), integral.prompt), tolerance) : steps;
    return { integral, interval: wholePath(prob - delta, prob, size) };
  });
  while (open.length > 0) {
    const rules = open.map(({ interval: { from, to, size } }) =>
      adaptive ? gaussLegendreOn(from, to, size) : quadrature(rule, size),
    );
    // What has been cut is often cut again: a further node costs less than a pass through the network for it alone.
    const points = open.map(({ integral: { prompt, layer }, interval }, i): Points => {
      const { nodes = [], weights = [] } = rules[i] ?? {};
      if (isWhole(interval)) return { prompt, layer, nodes, weights };
      return { prompt, layer, nodes: [...nodes, cutOf(interval)], weights: [...weights, 0] };
    });
    const found = integrate(traced, points);
    open.forEach(({ integral, interval }, i) => {
      const { fromProb, toProb } = interval;
      const { scores = new Float32Array(), probs = [] } = found[i] ?? {};
      const size = rules[i]?.nodes.length ?? 0;
      const missing = relative(sumOf(scores) - (toProb - fromProb), integral.prompt);
      const floor = relative(PRECISION * Math.max(fromProb, toProb), integral.prompt);
      integral.intervals.push({ ...interval, size, scores, cutProb: probs[size], missing, floor });
      integral.computed += probs.length;
    });
    const touched = new Set(open.map(({ integral }) => integral));
    open = adaptive ? refine(traced, [...touched], tolerance) : [];
  }
  return integrals.map((own, prompt) => {
    const { neurons } = traced.model.info;
    const scores = new Float32Array(own.length * neurons);
    own.forEach(({ intervals }, at) => {
      for (const part of intervals) addTo(scores.subarray(at * neurons, (at + 1) * neurons), part.scores);
    });
    const completeness = own.map(({ layer, intervals }): Completeness => {
      const sum = intervals.reduce((total, one) => total + sumOf(one.scores), 0);
      const delta = ends[prompt]?.deltas[layer] ?? 0;
      const nodes = intervals.reduce((total, { size }) => total + size, 0);
      return { sum, delta, residual: relative(Math.abs(sum - delta), prompt), nodes };
    });
    return { scores, completeness };
  });
}

/** An interval that is to be integrated. */
interface Task {
  integral: Integral;
  interval: Open;
}

/** Takes the intervals that are not good enough out of their integrals. @returns what is to come in their place */
function refine(traced: Traced, integrals: readonly Integral[], tolerance: number): Task[] {
  const tasks: Task[] = [];
  const cuts: { integral: Integral; interval: Measured }[] = [];
  for (const integral of integrals) {
    for (const interval of unfinished(integral.intervals, tolerance, MOST - integral.computed)) {
      integral.intervals.splice(integral.intervals.indexOf(interval), 1);
      const larger = withMoreNodes(interval, tolerance);
      if (larger) tasks.push({ integral, interval: larger });
      else cuts.push({ integral, interval });
    }
  }
  const unknown = cuts.filter(({ interval }) => interval.cutProb === undefined);
  const probs = probabilitiesAt(
    traced,
    unknown.map(({ integral: { prompt, layer }, interval }) => {
      return { prompt, layer, nodes: [cutOf(interval)], weights: [0] };
    }),
  );
  for (const cut of cuts) {
    const { integral, interval } = cut;
    const prob = interval.cutProb ?? probs[unknown.indexOf(cut)] ?? 0;
    for (const part of parts(interval, cutOf(interval), prob)) tasks.push({ integral, interval: part });
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
