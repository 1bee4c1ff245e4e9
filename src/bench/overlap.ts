// How soon the neurons of a fact are found: overlap of those that few prompts give with those that all prompts give.
import { type NeuronId, neuronKey } from '../lm/overlay.js';
import { coarseNeurons } from '../locate/coarse.js';
import { meanMap, refine } from '../locate/refined.js';
import { draw } from '../random.js';
import { resolveSettings, settingsSchema } from '../spec/settings.js';

const { thresholdMode, threshold, strict, share, minPrompts } = settingsSchema.parse(resolveSettings({}));

/** The refined neurons of some score maps [L, F] under the default settings. @param width F */
export function refinedOf(maps: readonly Float32Array[], width: number): NeuronId[] {
  const limit = { mode: thresholdMode, value: threshold, strict };
  const coarse = maps.map((scores) => coarseNeurons(scores, width, limit).neurons);
  const { neurons } = refine(coarse, meanMap(maps), width, { share, strict, minPrompts });
  return neurons.map(({ layer, neuron }) => [layer, neuron]);
}

/** Jaccard overlap of two sets of neurons; two empty sets agree. */
export function jaccard(a: readonly NeuronId[], b: readonly NeuronId[]): number {
  const keys = new Set(a.map(neuronKey));
  const shared = b.filter((at) => keys.has(neuronKey(at))).length;
  const either = a.length + b.length - shared;
  return either === 0 ? 1 : shared / either;
}

/**
 * Mean overlap with `reference` of the neurons that 1, 2, ... and all of the maps give.
 * @param orders how many random orders of the prompts are averaged
 */
export function overlapByPrompts(
  maps: readonly Float32Array[],
  width: number,
  reference: readonly NeuronId[],
  orders: number,
  random: () => number,
): number[] {
  const sums = maps.map(() => 0);
  for (let order = 0; order < orders; order++) {
    const shuffled = draw(maps, maps.length, random);
    sums.forEach((sum, i) => {
      sums[i] = sum + jaccard(refinedOf(shuffled.slice(0, i + 1), width), reference);
    });
  }
  return sums.map((sum) => sum / orders);
}
