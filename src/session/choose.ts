// Which neurons an operation changes: the located ones, the file's own, or, for a solved rewrite, one layer's best.
import { InputError } from '../errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import { neuronKey, toNeuronId } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { neuronsFor } from '../spec/choices.js';
import { type EditFile, isAtSubject, isSolved } from '../spec/edit-file.js';
import type { Metric } from '../surgery/subject/metric.js';
import { chooseAtSubject } from './choose-at-subject.js';
import type { Context } from './context.js';
import type { Localization, Located } from './locate.js';

/**
 * The neurons that the operation changes.
 * @param others edits that it holds
 * @param metrics of an edit at the subject: what is to stay, layer by layer
 * @throws InputError when the file names neurons outside the model, or none was located
 */
export async function chooseNeurons(
  context: Context,
  edit: EditFile,
  located: Located | undefined,
  others = context.edits.length,
  metrics?: ReadonlyMap<number, Metric>,
): Promise<LocatedNeuron[]> {
  const { model } = context;
  const solved = isSolved(edit);
  if (metrics && isAtSubject(edit) && !edit.neurons) {
    return chooseAtSubject(context, edit, located, others, metrics);
  }
  if (!located) {
    const unique = new Map((edit.neurons ?? []).map((at) => [neuronKey(at), at]));
    const neurons = [...unique.values()].map(([layer, neuron], i): LocatedNeuron => {
      if (layer >= model.layers || neuron >= model.neurons) {
        throw new InputError(
          `[${layer}, ${neuron}] is outside the model (${model.layers} layers of ${model.neurons} neurons)`,
          `neurons.${i}`,
        );
      }
      return { layer, neuron, share: 1, meanScore: 0 };
    });
    if (solved && new Set(neurons.map(({ layer }) => layer)).size > 1) {
      throw new InputError(
        'a rewrite that is solved for changes named neurons of one layer; name those of one',
        'neurons',
      );
    }
    return neurons;
  }
  const { localization, meanScores } = located;
  if (localization.neurons.length === 0) {
    throw new InputError(
      'no neuron is shared by enough prompts, so there is nothing to operate on; lower --threshold or --share, or add prompts',
    );
  }
  const { neurons: most } = edit.operation;
  if (!solved) return localization.neurons.slice(0, most);
  const count = most ?? neuronsFor('solve', others, model.neurons);
  return topUp(localization, meanScores, model.neurons, count);
}

/**
 * Neurons as edits name them: by the layers that own their value vectors, each vector once. Of several neurons with one
 * vector the first counts.
 */
export function byOwners(model: ModelInfo, neurons: readonly LocatedNeuron[]): LocatedNeuron[] {
  const owned = new Map<string, LocatedNeuron>();
  for (const one of neurons) {
    const named = { ...one, layer: ownerOf(model, one.layer) };
    const key = neuronKey(toNeuronId(named));
    if (!owned.has(key)) owned.set(key, named);
  }
  return [...owned.values()];
}

/** The layer that holds most located neurons, with its refined neurons first and then the next best by mean score. */
function topUp(
  { neurons, generic, prompts }: Localization,
  meanScores: Float32Array,
  width: number,
  count: number,
): LocatedNeuron[] {
  const strength = new Map<number, number>();
  for (const { layer, meanScore } of neurons) {
    strength.set(layer, (strength.get(layer) ?? 0) + 1 + Math.tanh(meanScore) * 1e-3); // ties: the stronger layer
  }
  const layer = [...strength].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
  const refined = neurons.filter((one) => one.layer === layer);
  const taken = new Set([...refined, ...generic].map((one) => neuronKey([one.layer, one.neuron])));
  const next = Array.from({ length: width }, (_, neuron) => neuron)
    .filter((neuron) => !taken.has(neuronKey([layer, neuron])))
    .map((neuron): LocatedNeuron => {
      const coarse = prompts.filter((prompt) =>
        prompt.coarse.some((one) => one.layer === layer && one.neuron === neuron),
      );
      const meanScore = meanScores[layer * width + neuron] ?? 0;
      return { layer, neuron, share: coarse.length / prompts.length, meanScore };
    })
    .sort((a, b) => b.meanScore - a.meanScore);
  return [...refined, ...next].slice(0, Math.max(count, refined.length));
}
