// Which neurons a rewrite at the subject changes: few of one layer, which say most at this subject for what they disturb.
import { InputError } from '../errors.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { NEURONS } from '../spec/choices.js';
import { type EditFile, isWholeLayer } from '../spec/edit-file.js';
import { selectNeurons } from '../surgery/subject/selection.js';
import type { Context } from './context.js';
import type { Located } from './locate.js';

/** Of the depth: there decoders look their subjects up (Meng et al. 2022, section 2; measured on SmolLM2). */
const DEPTH = 0.4;

/** The layer that a rewrite at the subject acts in. @throws InputError when the edit names one that the model does not have */
export function layerAtSubject({ model }: Context, { operation, neurons }: EditFile): number {
  const named = neurons?.[0]?.[0];
  if (named !== undefined) return named;
  const layer = operation.type === 'rewrite' ? operation.layer : undefined;
  if (layer !== undefined && layer >= model.layers) {
    throw new InputError(`is outside the model (layers 0 to ${model.layers - 1})`, 'operation.layer');
  }
  return layer ?? Math.round(DEPTH * model.layers);
}

/**
 * The neurons of that layer, by `choose`: `greedy` selects them one by one in the metric of real text (64); `located` takes
 * what the fact was located in there; `all` takes the whole layer, as method `rome` does.
 * @throws InputError when none was located there, or no prompt names the subject
 */
export async function chooseAtSubject(
  context: Context,
  edit: EditFile,
  located: Located | undefined,
): Promise<LocatedNeuron[]> {
  const { operation, fact } = edit;
  if (operation.type !== 'rewrite') throw new RangeError('only a rewrite acts at the subject');
  const layer = layerAtSubject(context, edit);
  const { neurons: count = NEURONS.subject } = operation;
  const choose = isWholeLayer(edit) ? 'all' : (operation.choose ?? 'greedy');
  const asNeuron = (neuron: number): LocatedNeuron => ({ layer, neuron, share: 1, meanScore: 0 });
  if (choose === 'all') return Array.from({ length: context.model.neurons }, (_, i) => asNeuron(i));
  if (choose === 'located') {
    const own = located?.localization.neurons.filter((one) => one.layer === layer) ?? [];
    if (own.length > 0) return own.slice(0, count);
    throw new InputError(`nothing was located in layer ${layer}; name another one`, 'operation.layer');
  }
  const prompts = fact.prompts.map((value, i) => ({ field: `fact.prompts.${i}`, value }));
  const encoded = await context.run('encode', {
    prompts,
    targets: [{ field: 'operation.to', value: operation.to }],
  });
  const [target] = encoded.targets;
  if (!target) throw new Error('the new answer was not encoded');
  const asked = { subject: fact.subject, prompts: encoded.prompts, target };
  const key = await context.run('keyAtSubject', { layer, fact: asked });
  return selectNeurons(await context.background.metric(layer), key, count).map(asNeuron);
}
