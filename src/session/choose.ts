// Which neurons an operation changes: the located ones, the file's own, or, for a solved rewrite, one layer's best.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { InputError } from '../errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import { neuronKey, toNeuronId } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { neuronsFor } from '../spec/choices.js';
import { type EditFile, isAtSubject, isSolved } from '../spec/edit-file.js';
import type { Metric } from '../surgery/metric.js';
import { chooseAtSubject } from './choose-at-subject.js';
import type { Context } from './context.js';
import type { Located } from './locate.js';
import { topUp } from './top-up.js';

/** What is to stay, as far as it decides which neurons a solved rewrite changes. */
export interface Stays {
  /** Of other edits. */
  held: readonly (readonly HeldPrompt[])[];
  /** Of an edit at the subject, layer by layer. */
  metrics?: ReadonlyMap<number, Metric> | undefined;
}

/**
 * The neurons that the operation changes.
 * @param others edits that it holds
 * @throws InputError when the file names neurons outside the model, or none was located
 */
export async function chooseNeurons(
  context: Context,
  edit: EditFile,
  located: Located | undefined,
  { held, metrics }: Stays,
  others = context.edits.length,
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
  const { localization } = located;
  expectNeurons(localization.neurons);
  const { neurons: most } = edit.operation;
  if (!solved) return localization.neurons.slice(0, most);
  const count = most ?? neuronsFor('solve', others, model.neurons);
  return topUp(context, edit, located, count, held);
}

/** @throws InputError when none was located */
export function expectNeurons({ length }: readonly unknown[]): void {
  if (length > 0) return;
  throw new InputError(
    'no neuron is shared by enough prompts, so there is nothing to operate on; lower --threshold or --share, or add prompts',
  );
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
