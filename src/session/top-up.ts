// The neurons of a solved rewrite: of the layer that holds most located ones, these, and then those that say most where the fact
// is asked for what they disturb in what is held.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { neuronKey } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { meanRow } from '../numbers.js';
import type { EditFile } from '../spec/edit-file.js';
import { holding, type Metric } from '../surgery/metric.js';
import { selectNeurons } from '../surgery/selection.js';
import type { Context } from './context.js';
import { asHeld } from './held.js';
import type { Localization, Located } from './locate.js';

/**
 * @param count how many, at least those that are located in the layer
 * @param held groups of prompts; where there are none, the others follow by their mean score
 * @returns neurons of one layer, the located ones first
 */
export async function topUp(
  context: Context,
  edit: EditFile,
  { localization, meanScores }: Located,
  count: number,
  held: readonly (readonly HeldPrompt[])[],
): Promise<LocatedNeuron[]> {
  const { neurons: width } = context.model;
  const { neurons, generic, prompts } = localization;
  const layer = fullestLayer(neurons);
  const refined = neurons.filter((one) => one.layer === layer);
  const own = new Set(refined.map(({ neuron }) => neuron));
  const without = generic.flatMap((one) => (one.layer === layer && !own.has(one.neuron) ? one.neuron : []));
  const most = Math.max(count, refined.length);
  const groups = held.filter(({ length }) => length > 0);
  const next =
    groups.length > 0
      ? await selected(context, edit, layer, groups, most, { first: [...own], without })
      : strongest(meanScores, layer, width).filter((neuron) => !own.has(neuron) && !without.includes(neuron));
  const described = next.slice(0, most - refined.length).map((neuron): LocatedNeuron => {
    const key = neuronKey([layer, neuron]);
    const coarse = prompts.filter((one) => one.coarse.some((at) => neuronKey([at.layer, at.neuron]) === key));
    return {
      layer,
      neuron,
      share: coarse.length / prompts.length,
      meanScore: meanScores[layer * width + neuron] ?? 0,
    };
  });
  return [...refined, ...described];
}

/** The layer that holds most located neurons; of several, the one with the larger scores. */
function fullestLayer(neurons: Localization['neurons']): number {
  const strength = new Map<number, number>();
  for (const { layer, meanScore } of neurons) {
    strength.set(layer, (strength.get(layer) ?? 0) + 1 + Math.tanh(meanScore) * 1e-3);
  }
  return [...strength].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** Further neurons of a layer, one after the other, in the metric of what is held. */
async function selected(
  context: Context,
  { fact }: EditFile,
  layer: number,
  groups: readonly (readonly HeldPrompt[])[],
  count: number,
  rules: { first: readonly number[]; without: readonly number[] },
): Promise<number[]> {
  const { neurons: size } = context.model;
  const encoded = await context.run('encode', {
    prompts: fact.prompts.map((value, i) => ({ field: `fact.prompts.${i}`, value })),
    targets: [],
  });
  const asked = encoded.prompts.map((prompt) => ({ prompt }));
  const [own = new Float32Array(), ...keys] = await Promise.all(
    [asked, ...groups].map((group) => context.run('keysAsked', { layer, group: group.map(asHeld) })),
  );
  const metric = keys.reduce<Metric>(holding, { size, upper: new Float32Array() });
  return selectNeurons(metric, meanRow(own, size), count, rules).slice(rules.first.length);
}

/** All neurons of a layer, the largest mean score first. */
function strongest(meanScores: Float32Array, layer: number, width: number): number[] {
  const scoreOf = (neuron: number) => meanScores[layer * width + neuron] ?? 0;
  return Array.from({ length: width }, (_, neuron) => neuron).sort((a, b) => scoreOf(b) - scoreOf(a));
}
