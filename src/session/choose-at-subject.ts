// Which neurons a rewrite at the subject changes: few of its layers, which say most at this subject for what they disturb.
import { InputError } from '../errors.js';
import { ownerOf } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { neuronsFor } from '../spec/choices.js';
import { type EditFile, isOfWholeLayers, type Rewrite } from '../spec/edit-file.js';
import { selectNeurons } from '../surgery/subject/selection.js';
import type { Context } from './context.js';
import type { Located } from './locate.js';

/** Of the depth: there decoders look their subjects up (Meng et al. 2022, section 2; measured on SmolLM2). */
const DEPTH = 0.4;
/** Layers of a `memit` that names none: up to the one at that depth, about as many as in Meng et al. 2023. */
const SPREAD = 5;

/**
 * The layers that a rewrite at the subject acts in, from below.
 * @throws InputError when the edit names one that the model does not have, or several that cannot share a rewrite
 */
function layersAtSubject({ model }: Context, { method, layer, layers }: Rewrite): number[] {
  const field = layers ? 'operation.layers' : 'operation.layer';
  const standard = Math.round(DEPTH * model.layers);
  const last = layer ?? standard;
  const first = method === 'memit' ? Math.max(0, standard - SPREAD + 1) : last;
  const all = layers ?? Array.from({ length: last - first + 1 }, (_, i) => first + i);
  if (all.some((one) => one >= model.layers)) {
    throw new InputError(`is outside the model (layers 0 to ${model.layers - 1})`, field);
  }
  if (all.length > 1 && model.normsOutput) {
    throw new InputError(
      'this model norms what its FFNs add, so that layers cannot share it; name one',
      field,
    );
  }
  if (new Set(all.map((one) => ownerOf(model, one))).size < all.length) {
    throw new InputError('these layers have the same value vectors; name one', field);
  }
  return [...all].sort((a, b) => a - b);
}

/**
 * The neurons of these layers, by `choose`: `greedy` selects them one by one in the metric of real text (64 of each); `located`
 * takes what the fact was located in there; `all` takes whole layers, as methods `rome` and `memit` do.
 * @throws InputError when none was located there, or no prompt names the subject
 */
export async function chooseAtSubject(
  context: Context,
  edit: EditFile,
  located: Located | undefined,
  others: number,
): Promise<LocatedNeuron[]> {
  const { operation } = edit;
  if (operation.type !== 'rewrite') throw new RangeError('only a rewrite acts at the subject');
  const layers = layersAtSubject(context, operation);
  const count = operation.neurons ?? neuronsFor('subject', others, context.model.neurons);
  const choose = isOfWholeLayers(edit) ? 'all' : (operation.choose ?? 'greedy');
  if (choose === 'all') return layers.flatMap((layer) => allOf(layer, context.model.neurons));
  if (choose === 'located') {
    return layers.flatMap((layer) => {
      const own = located?.localization.neurons.filter((one) => one.layer === layer) ?? [];
      if (own.length > 0) return own.slice(0, count);
      const field = operation.layers ? 'operation.layers' : 'operation.layer';
      throw new InputError(`nothing was located in layer ${layer}; name another one`, field);
    });
  }
  const fact = await encodeFact(context, edit, operation);
  const found: LocatedNeuron[] = [];
  for (const layer of layers) {
    const key = await context.run('keyAtSubject', { layer, fact });
    const all = allOf(layer, context.model.neurons);
    const chosen = selectNeurons(await context.background.metric(layer), key, count);
    found.push(...chosen.flatMap((neuron) => all[neuron] ?? []));
  }
  return found;
}

function allOf(layer: number, width: number): LocatedNeuron[] {
  return Array.from({ length: width }, (_, neuron) => ({ layer, neuron, share: 1, meanScore: 0 }));
}

async function encodeFact(context: Context, { fact: { subject, prompts } }: EditFile, { to }: Rewrite) {
  const encoded = await context.run('encode', {
    prompts: prompts.map((value, i) => ({ field: `fact.prompts.${i}`, value })),
    targets: [{ field: 'operation.to', value: to }],
  });
  const [target] = encoded.targets;
  if (!target) throw new Error('the new answer was not encoded');
  return { subject, prompts: encoded.prompts, target };
}
