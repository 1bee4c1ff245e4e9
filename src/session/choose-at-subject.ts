// Which neurons a rewrite at the subject changes: few of its layers, which say most at this subject for what they disturb.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { InputError } from '../errors.js';
import { ownerOf } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { neuronsFor, usualLayer } from '../spec/choices.js';
import { type EditFile, isOfWholeLayers, type Rewrite } from '../spec/edit-file.js';
import { holding, type Metric } from '../surgery/metric.js';
import { selectNeurons } from '../surgery/selection.js';
import type { Context } from './context.js';
import { asHeld } from './held.js';
import type { Located } from './locate.js';

/** Layers of a `memit` that names none: up to the one at that depth, about as many as in Meng et al. 2023. */
const SPREAD = 5;

/**
 * The layers that a rewrite at the subject acts in, from below.
 * @param field by which they were named
 * @throws InputError when the edit names one that the model does not have, or several that cannot share a rewrite
 */
export function layersAtSubject(
  { model }: Context,
  { method, layer, layers }: Rewrite,
  field = layers ? 'operation.layers' : 'operation.layer',
): number[] {
  const standard = usualLayer(model.layers);
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
 * What is to stay, in each layer of an edit at the subject: real text, and the subjects of what is held, in groups.
 * @throws InputError when the edit names a layer that the model does not have
 */
export async function metricsAtSubject(
  context: Context,
  { operation, neurons }: EditFile,
  groups: readonly (readonly HeldPrompt[])[],
): Promise<Map<number, Metric>> {
  if (operation.type !== 'rewrite') throw new RangeError('only a rewrite acts at the subject');
  const named = neurons?.map(([layer]) => layer).filter((layer) => layer < context.model.layers);
  const metrics = new Map<number, Metric>();
  for (const layer of new Set(named ?? layersAtSubject(context, operation))) {
    const keys = await Promise.all(
      groups.map((group) => context.run('heldKeys', { layer, group: group.map(asHeld) })),
    );
    metrics.set(layer, keys.reduce(holding, await context.background.metric(layer)));
  }
  return metrics;
}

/**
 * The neurons of these layers, by `choose`: `greedy` selects them one by one in these metrics (64 of each); `located` takes
 * what the fact was located in there; `all` takes whole layers, as methods `rome` and `memit` do.
 * @throws InputError when none was located there, or no prompt names the subject
 */
export async function chooseAtSubject(
  context: Context,
  edit: EditFile,
  located: Located | undefined,
  others: number,
  metrics: ReadonlyMap<number, Metric>,
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
    const metric = metrics.get(layer);
    const chosen = metric ? selectNeurons(metric, key, count) : [];
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
