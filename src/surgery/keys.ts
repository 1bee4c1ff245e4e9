// Keys: what a layer's neurons say at one row of each text, such as where its subject ends.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import { activationsOn } from '../lm/stream.js';
import type { Marked } from '../lm/tail.js';
import { valuesOf } from '../lm/values.js';

/** The activations at the marked rows, in the order of the texts [n, F]. Leaves no tensor behind. */
export function keysAt(model: LanguageModel, texts: readonly Marked[], layer: number): Float32Array {
  const { neurons } = model.info;
  const keys = new Float32Array(texts.length * neurons);
  for (const indices of batches(texts)) {
    const group = indices.flatMap((i) => texts[i] ?? []);
    const ids = group.map((one) => one.ids);
    const marked = group.map(({ row }, b) => b * (ids[0]?.length ?? 0) + row);
    const found = valuesOf(() => {
      return tf.gather(activationsOn(model.network, ids, layer), tf.tensor1d(marked, 'int32')); // [B, F]
    });
    indices.forEach((i, b) => {
      keys.set(found.subarray(b * neurons, (b + 1) * neurons), i * neurons);
    });
  }
  return keys;
}
