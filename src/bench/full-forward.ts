// The computation that attribution is measured against: what tools on PyTorch do. For every layer and every node the
// whole model runs over all rows, and the gradient comes back from the logits of all rows to the layer's activation.
import * as tf from '@tensorflow/tfjs-core';
import { attend, feedForward } from '../lm/block.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import type { Quadrature } from '../locate/quadrature.js';

/**
 * Scores `a_i sum_k w_k dP/ds_i(alpha_k a)` of one layer [F], all nodes in one batch.
 * @param target token id
 */
export function attributeFully(
  { network }: LanguageModel,
  { ids, position }: Sequence,
  target: number,
  layer: number,
  { nodes, weights }: Quadrature,
): Float32Array {
  const count = nodes.length;
  const rows = nodes.map((_, n) => n * ids.length + position);
  return tf.tidy(() => {
    const targets = tf.tensor1d(rows, 'int32');
    const backs: ((dy: tf.Tensor2D) => tf.Tensor2D)[] = [];
    let a: tf.Tensor2D | undefined; // [1, F]
    let hidden = network.embed(nodes.map(() => ids)); // [N*S, H]
    network.blocks.forEach((block, l) => {
      const attended = attend(block, hidden, count);
      if (l === layer) {
        const own = block.activate(block.preActivation(attended.reads).inputs).y; // [N*S, F]
        a = tf.slice(own, [position, 0], [1, -1]);
        const value = block.value.apply(tf.mul(own, at(rows, nodes, count * ids.length, 1)));
        const merged = block.merge(attended.x, value.y);
        backs.push((dy) => tf.gather(value.back(merged.back(dy).branch), targets)); // [N, F]
        hidden = merged.y;
        return;
      }
      const step = feedForward(block, attended);
      if (l > layer) backs.push((dy) => tf.tidy(() => attended.back(step.back(dy))));
      hidden = step.y;
    });
    const logits = network.head(hidden); // [N*S, V]
    const p = tf.softmax(logits.y);
    const one = tf.oneHot(tf.tensor1d([target], 'int32'), p.shape[1] ?? 0); // [1, V]
    const outside = tf.mul(tf.slice(p, [0, target], [-1, 1]), at(rows, weights, count * ids.length, 0));
    const dLogits = tf.mul<tf.Tensor2D>(outside, tf.sub(one, p)); // zero but for the target rows
    const gradient = backs.reduceRight((d, back) => back(d), logits.back(dLogits)); // [N, F]
    return tf.mul(a as tf.Tensor2D, tf.sum(gradient, 0, true)).dataSync<'float32'>();
  });
}

/** A column [R, 1] that holds some values at some rows, and another everywhere else. */
function at(
  rows: readonly number[],
  values: readonly number[],
  count: number,
  elsewhere: number,
): tf.Tensor2D {
  const column = new Float32Array(count).fill(elsewhere);
  rows.forEach((row, i) => {
    column[row] = values[i] ?? 0;
  });
  return tf.tensor2d(column, [count, 1]);
}
