// Coarse neurons: those of one prompt whose attribution score passes the threshold (Dai et al. 2022, section 3.2).
import type { NeuronId } from '../lm/overlay.js';

export type ThresholdMode = 'ratio' | 'absolute' | 'percentile' | 'top-k';

export interface Threshold {
  mode: ThresholdMode;
  /** ratio: share of the largest score; absolute: a score; percentile: 0 to 100; top-k: how many. */
  value: number;
  /** Scores must exceed the threshold, not only reach it. `percentile` is always strict. */
  strict: boolean;
}

export interface Coarse {
  /** The score that had to be reached. */
  threshold: number;
  /** In the order of (layer, neuron). */
  neurons: NeuronId[];
}

/**
 * The coarse neurons of one score map, over all layers and neurons together.
 * @param scores [L, F], row by row
 * @param width F
 */
export function coarseNeurons(scores: Float32Array, width: number, threshold: Threshold): Coarse {
  if (threshold.mode === 'top-k') return topK(scores, width, threshold.value);
  const limit = scoreLimit(scores, threshold);
  const strict = threshold.strict || threshold.mode === 'percentile';
  const neurons: NeuronId[] = [];
  scores.forEach((score, i) => {
    if (score > limit || (!strict && score === limit)) neurons.push(at(i, width));
  });
  return { threshold: limit, neurons };
}

function scoreLimit(scores: Float32Array, { mode, value }: Threshold): number {
  if (mode === 'absolute') return value;
  if (mode === 'percentile') return percentile(scores, value);
  const max = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  // Without a positive score nothing raises the probability, and a share of a negative maximum means nothing.
  return max > 0 ? value * max : Number.POSITIVE_INFINITY;
}

/** The k largest scores; among equals the first in the order of (layer, neuron). */
function topK(scores: Float32Array, width: number, k: number): Coarse {
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const chosen = order.slice(0, k);
  return {
    threshold: scores[chosen.at(-1) ?? 0] ?? 0,
    neurons: chosen.sort((a, b) => a - b).map((i) => at(i, width)),
  };
}

/** Percentile with linear interpolation between the neighbours (numpy's default). */
export function percentile(values: Float32Array, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (percent / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

function at(index: number, width: number): NeuronId {
  return [Math.floor(index / width), index % width];
}
