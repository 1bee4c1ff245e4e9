// What a value vector says: the tokens whose embedding it points to (Geva et al. 2021, "Transformer Feed-Forward Layers
// Are Key-Value Memories", section 4.1).
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import type { NeuronId } from '../lm/overlay.js';
import { valuesOf } from '../lm/values.js';

/**
 * The tokens with the largest `E v`, per neuron, the most promoted one first. Where E is not as wide as v, v goes through
 * the head's linear layer first.
 * @param count tokens per neuron
 */
export function promotedTokens(
  model: LanguageModel,
  neurons: readonly NeuronId[],
  count: number,
): string[][] {
  if (neurons.length === 0) return [];
  const { hidden, vocabulary } = model.info;
  const logits = valuesOf(() => {
    const vectors = tf.tensor2d(model.valueVectors(neurons), [neurons.length, hidden]); // [n, H]
    const projected = model.network.toEmbeddingWidth(vectors); // [n, P]
    return model.network.words.product(projected, true); // [n, V]
  });
  return neurons.map((_, row) => {
    const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const order = [...own.keys()].sort((a, b) => (own[b] ?? 0) - (own[a] ?? 0) || a - b);
    return order.slice(0, count).map((id) => model.tokenizer.token(id));
  });
}
