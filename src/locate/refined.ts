// Refined neurons: coarse neurons that enough prompts of a fact share (Dai et al. 2022, section 3.2).
import { type Neuron, type NeuronId, neuronKey } from '../lm/overlay.js';
import { largest, meanOverlap } from '../numbers.js';

/** A located neuron, as it appears in JSON. */
export interface LocatedNeuron extends Neuron {
  /** Share of the prompts in which it is coarse. */
  share: number;
  /** Mean attribution score over the prompts. */
  meanScore: number;
}

export interface Sharing {
  /** Share of the prompts in which a neuron must be coarse. */
  share: number;
  minPrompts: number;
  /** The share must be exceeded, not only reached. */
  strict: boolean;
  /** Wanted number of neurons; the share moves until it is met, or six rounds are over. */
  wanted?: readonly [least: number, most: number] | undefined;
}

/** Rounding slack of a share that is the quotient of two counts. */
const SLACK = 1e-9;
const STEP = 0.05;
const ROUNDS = 6;

/**
 * Neurons that are coarse in enough of the prompts, strongest mean score first.
 * @param coarse coarse neurons of each prompt
 * @param meanScores mean score over the prompts [L, F], row by row
 * @param width F
 * @param excluded neuron keys that are left out (coarse neurons of negative prompts, generic neurons)
 * @returns the neurons, and the share that was used in the end
 */
export function refine(
  coarse: readonly (readonly NeuronId[])[],
  meanScores: Float32Array,
  width: number,
  sharing: Sharing,
  excluded: ReadonlySet<string> = new Set(),
): { neurons: LocatedNeuron[]; share: number } {
  const counts = new Map<string, { at: NeuronId; count: number }>();
  for (const at of coarse.flat()) {
    const key = neuronKey(at);
    if (!excluded.has(key)) counts.set(key, { at, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const keep = (share: number): LocatedNeuron[] =>
    [...counts.values()]
      .filter(
        ({ count }) => count >= sharing.minPrompts && reaches(count / coarse.length, share, sharing.strict),
      )
      .map(({ at: [layer, neuron], count }) => ({
        layer,
        neuron,
        share: count / coarse.length,
        meanScore: meanScores[layer * width + neuron] ?? 0,
      }))
      .sort((a, b) => b.meanScore - a.meanScore || a.layer - b.layer || a.neuron - b.neuron);

  let { share } = sharing;
  let neurons = keep(share);
  for (let round = 0; sharing.wanted && round < ROUNDS; round++) {
    const [least, most] = sharing.wanted;
    if (neurons.length >= least && neurons.length <= most) break;
    const next = Math.min(1, Math.max(0, share + (neurons.length < least ? -STEP : STEP)));
    share = Math.round(next / STEP) * STEP;
    neurons = keep(share);
  }
  return { neurons, share };
}

function reaches(value: number, limit: number, strict: boolean): boolean {
  return strict ? value > limit + SLACK : value >= limit - SLACK;
}

/** Mean of score maps [L, F]. */
export function meanMap(maps: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(maps[0]?.length ?? 0);
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (const map of maps) sum += map[i] ?? 0;
    mean[i] = sum / maps.length;
  }
  return mean;
}

/** How far the wordings of a fact agree on where it lies. */
export interface Consistency {
  /** Mean Jaccard overlap of the coarse sets over all pairs of prompts; 1 for a single prompt. */
  jaccard: number;
  /** Largest share at which some neuron is still refined: what the most common coarse neuron reaches. */
  shareNeeded: number;
}

/** @param coarse coarse neurons of each prompt; pairs of empty sets agree on nothing */
export function consistencyOf(coarse: readonly (readonly NeuronId[])[]): Consistency {
  const sets = coarse.map((neurons) => new Set(neurons.map(neuronKey)));
  const counts = new Map<string, number>();
  for (const key of sets.flatMap((set) => [...set])) counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    jaccard: meanOverlap(sets),
    shareNeeded: largest(counts.values(), 0) / Math.max(1, sets.length),
  };
}

/** A neuron that is refined for many facts: it carries a task, not a fact. */
export interface GenericNeuron extends Neuron {
  /** Share of the background facts for which it is refined. */
  share: number;
}

/**
 * Neurons that are refined in more than `maxGeneric` of the background facts, most common first.
 * @param refined refined neurons of each background fact
 */
export function genericNeurons(
  refined: readonly (readonly LocatedNeuron[])[],
  maxGeneric: number,
): GenericNeuron[] {
  return commonNeurons(refined)
    .filter(({ share }) => share > maxGeneric + SLACK)
    .map(({ layer, neuron, share }) => ({ layer, neuron, share }));
}

/**
 * All neurons that are refined in some of the facts, most common first; of equally common ones, those that have the larger
 * score (Dai et al. 2022, section 5.2, erase the 20 commonest of a relation).
 * @param refined refined neurons of each fact
 * @returns with `share` the share of the facts for which a neuron is refined, and `meanScore` its mean score over these
 */
export function commonNeurons(refined: readonly (readonly LocatedNeuron[])[]): LocatedNeuron[] {
  const found = new Map<string, Neuron & { facts: number; sum: number }>();
  for (const { layer, neuron, meanScore } of refined.flat()) {
    const key = neuronKey([layer, neuron]);
    const { facts, sum } = found.get(key) ?? { facts: 0, sum: 0 };
    found.set(key, { layer, neuron, facts: facts + 1, sum: sum + meanScore });
  }
  return [...found.values()]
    .map(({ layer, neuron, facts, sum }) => {
      return { layer, neuron, share: facts / refined.length, meanScore: sum / facts };
    })
    .sort(
      (a, b) => b.share - a.share || b.meanScore - a.meanScore || a.layer - b.layer || a.neuron - b.neuron,
    );
}
