// A forward pass that leaves nothing out, to hold shortcuts against.
import * as tf from '@tensorflow/tfjs-core';
import { attend, feedForward } from '../../src/lm/block.js';
import type { Sequence } from '../../src/lm/prompt.js';
import type { Network } from '../../src/lm/transformer.js';

/** Logits of one prompt, every row of every block computed, with u at one row of one layer: the target row unless given. */
export function plain(
  network: Network,
  { ids, position }: Sequence,
  layer?: number,
  u?: tf.Tensor2D,
  at = position,
): tf.Tensor2D {
  const mask = tf.tensor2d(ids.map((_, i) => [Number(i === at)])); // [S, 1]
  let hidden = network.embed([ids]);
  network.blocks.forEach((block, l) => {
    const middle = attend(block, hidden, 1);
    if (l !== layer || !u) {
      hidden = feedForward(block, middle).y;
      return;
    }
    const own = block.value.apply(block.activate(block.preActivation(middle.reads).inputs).y).y;
    hidden = block.merge(middle.x, tf.add(tf.mul(own, tf.sub(1, mask)), tf.mul(u, mask))).y;
  });
  return tf.slice(network.head(hidden).y, [position, 0], [1, -1]);
}

/** Whether values are the same but for rounding. */
export function close(found: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Array.from(expected).every((value, i) => Math.abs(value - (found[i] ?? Number.NaN)) <= 1e-4 * scale);
}
