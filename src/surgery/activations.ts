// Activations of chosen neurons on many prompts.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import { activationsOn } from '../lm/stream.js';
import { valuesOfEach } from '../lm/values.js';

/**
 * Activations of some neurons of a layer: at the target positions of the prompts [n, k], and the Gram matrix
 * [k, k] summed over all positions of all prompts.
 */
export function activations(
  model: LanguageModel,
  layer: number,
  neurons: readonly number[],
  prompts: readonly Sequence[],
): { target: Float64Array; gram: Float64Array } {
  const k = neurons.length;
  const target = new Float64Array(prompts.length * k);
  const gram = new Float64Array(k * k);
  for (const indices of batches(prompts)) {
    const group = indices.map((i) => prompts[i] as Sequence);
    const length = group[0]?.ids.length ?? 0;
    const targets = group.map(({ position }, b) => b * length + position);
    const [rows = new Float32Array(), product = new Float32Array()] = valuesOfEach(() => {
      const ids = group.map((one) => one.ids);
      const a = activationsOn(model.network, ids, layer, neurons); // [B*S, k]
      return [tf.gather(a, tf.tensor1d(targets, 'int32')), tf.matMul(a, a, true)];
    });
    product.forEach((value, i) => {
      gram[i] = (gram[i] ?? 0) + value;
    });
    indices.forEach((i, b) => {
      target.set(rows.subarray(b * k, (b + 1) * k), i * k);
    });
  }
  return { target, gram };
}
