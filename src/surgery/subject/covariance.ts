// C = E[a a^T] of a layer's activations over real text: what the metric of a rewrite is made from.
import * as tf from '@tensorflow/tfjs-core';
import { NotFiniteError } from '../../errors.js';
import { batches } from '../../lm/batches.js';
import type { LanguageModel } from '../../lm/language-model.js';
import { activationsOn } from '../../lm/stream.js';
import { valuesOf } from '../../lm/values.js';
import { allFinite } from '../../numbers.js';
import type { Covariance } from '../metric.js';

/** Columns of C that are computed together: what lies below the diagonal is left out by and large, and a wide C is never whole. */
const COLUMNS = 512;

/**
 * C over all positions of some texts; the sums over batches are in double precision. Leaves no tensor behind.
 * @param texts token ids
 * @throws NotFiniteError when an activation is no number
 */
export function covariance(
  model: LanguageModel,
  layer: number,
  texts: readonly (readonly number[])[],
): Covariance {
  const size = model.info.neurons;
  const sums = new Float64Array((size * (size + 1)) / 2);
  let rows = 0;
  for (const indices of batches(texts.map((ids) => ({ ids })))) {
    const group = indices.map((i) => texts[i] ?? []);
    const a = tf.tidy(() => activationsOn(model.network, group, layer)); // [B*S, F]
    rows += a.shape[0];
    for (let from = 0; from < size; from += COLUMNS)
      addColumns(sums, a, from, Math.min(from + COLUMNS, size));
    a.dispose();
  }
  if (!allFinite(sums)) {
    throw new NotFiniteError(`the activations of layer ${layer} on real text are not numbers`);
  }
  return { upper: Float32Array.from(sums, (sum) => sum / Math.max(1, rows)), rows };
}

/** Adds the columns from `from` to below `to` of a^T a, down to the diagonal. */
function addColumns(sums: Float64Array, a: tf.Tensor2D, from: number, to: number): void {
  const [, size] = a.shape;
  const width = to - from;
  const product = valuesOf(() => {
    return tf.matMul(tf.slice(a, [0, 0], [-1, to]), tf.slice(a, [0, from], [-1, width]), true); // [to, width]
  });
  for (let i = 0; i < to; i++) {
    const row = i * size - (i * (i + 1)) / 2; // entry (i, j) of the triangle stands at that and j
    for (let j = Math.max(i, from); j < to; j++) {
      sums[row + j] = (sums[row + j] ?? 0) + (product[i * width + j - from] ?? 0);
    }
  }
}
