// What a value vector says: the tokens whose embedding it points to (Geva et al. 2021, "Transformer Feed-Forward Layers
// Are Key-Value Memories", section 4.1), and those that it turns away from.
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import type { NeuronId } from '../lm/overlay.js';
import { valuesOf } from '../lm/values.js';
import { HEAD_BYTES } from './budget.js';
import type { Words } from './words.js';

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
  const { vocabulary } = model.info;
  const logits = valuesOf(() => alongEmbeddings(model, neurons)); // [n, V]
  return neurons.map((_, row) => {
    const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    return inOrder(own)
      .slice(0, count)
      .map((id) => model.tokenizer.token(id));
  });
}

/**
 * The words of one neuron, along the embeddings as they are written (`E v`), and through the output head
 * (direction `readout`, in which a masked model's transform is taken as linear).
 * @param count tokens of either kind
 */
export function wordsOf(
  model: LanguageModel,
  neuron: NeuronId,
  count: number,
): Record<'embedding' | 'readout', Words> {
  const strongest = (logits: Float32Array): Words => {
    const words = inOrder(logits).map((id) => ({ token: model.tokenizer.token(id), logit: logits[id] ?? 0 }));
    return { promotes: words.slice(0, count), demotes: words.slice(-count).reverse() };
  };
  return {
    readout: strongest(alongReadout(model, neuron)),
    embedding: strongest(valuesOf(() => alongEmbeddings(model, [neuron]))),
  };
}

/** `E v` of each neuron [n, V]. */
function alongEmbeddings(model: LanguageModel, neurons: readonly NeuronId[]): tf.Tensor2D {
  const vectors = tf.tensor2d(model.valueVectors(neurons), [neurons.length, model.info.hidden]); // [n, H]
  const projected = model.network.toEmbeddingWidth(vectors); // [n, P]
  return model.network.words.product(projected, true);
}

/** `readout(E[t]) v` for every token t [V], in pieces: pulled back, the embeddings are as many floats as E again. */
function alongReadout(model: LanguageModel, neuron: NeuronId): Float32Array {
  const { hidden, vocabulary } = model.info;
  const vector = model.valueVectors([neuron]);
  const logits = new Float32Array(vocabulary);
  const most = Math.max(1, Math.floor(HEAD_BYTES / (2 * hidden * Float32Array.BYTES_PER_ELEMENT)));
  for (let from = 0; from < vocabulary; from += most) {
    const ids = Array.from({ length: Math.min(most, vocabulary - from) }, (_, i) => from + i);
    const own = valuesOf(() => {
      const pulled = model.network.readout(model.network.words.pick(ids, 0)); // [piece, H]
      return tf.matMul(pulled, tf.tensor2d(vector, [hidden, 1]));
    });
    logits.set(own, from);
  }
  return logits;
}

/** Token ids by their logits, the largest first; among equals the lower id. */
function inOrder(logits: Float32Array): number[] {
  return [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
}
