// A neuron at work: its activation at every token of a text.
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { NeuronId } from '../lm/overlay.js';
import type { Sequence } from '../lm/prompt.js';
import { activationsOn } from '../lm/stream.js';
import { valuesOf } from '../lm/values.js';
import type { TokenActivation } from './words.js';

/** A neuron along the tokens of each text, in the order of the texts. Leaves no tensor behind. */
export function activity(
  model: LanguageModel,
  [layer, neuron]: NeuronId,
  texts: readonly Pick<Sequence, 'ids'>[],
): TokenActivation[][] {
  const found = texts.map((): TokenActivation[] => []);
  for (const indices of batches(texts)) {
    const ids = indices.map((i) => texts[i]?.ids ?? []);
    const values = valuesOf(() => activationsOn(model.network, ids, layer, [neuron])); // [B*S, 1]
    const length = ids[0]?.length ?? 0;
    indices.forEach((i, b) => {
      found[i] = (ids[b] ?? []).map((id, s) => ({
        token: model.tokenizer.token(id),
        activation: values[b * length + s] ?? 0,
      }));
    });
  }
  return found;
}
