// GELU, the non-linearity of feed-forward layers: its exact form, and the approximation that GPT-2 was trained with.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { fused } from './fused.js';

/** x [R, F] to y [R, F], element by element. */
export type Activation = (x: tf.Tensor2D) => Applied;

/** y = x s(x), by the share s of x that passes, and its slope ds/dx. */
function passing(exact: boolean, share: Curve, slope: Curve): Activation {
  return (x) => {
    const [y] = fused('gelu', { x }, { exact }) ?? [tf.tidy(() => tf.mul(x, share(x)))];
    const back = (dy: tf.Tensor2D) => {
      const [dx] = fused('geluBack', { x, dy }, { exact }) ?? [
        tf.tidy(() => tf.mul(dy, tf.add(share(x), tf.mul(x, slope(x))))),
      ];
      return dx as tf.Tensor2D;
    };
    return { y: y as tf.Tensor2D, holds: [x], back };
  };
}

type Curve = (x: tf.Tensor2D) => tf.Tensor2D;

/** s = Phi, the standard normal distribution function. */
export const gelu = passing(
  true,
  (x) => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5),
  (x) => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
);

const CUBIC = 0.044715;
const SCALE = 2 * Math.sqrt(2 / Math.PI);

/** s = (1 + tanh(v/2)) / 2 = sigmoid(v), v = 2 sqrt(2/pi) (x + 0.044715 x^3). */
export const geluNew = passing(
  false,
  (x) => tf.sigmoid(inner(x)),
  (x) => {
    const v = inner(x);
    const ds = tf.mul(tf.sigmoid(v), tf.sigmoid(tf.neg(v))); // s (1 - s), which would lose its digits where s is near 1
    return tf.mul(ds, tf.add(tf.mul(tf.square(x), 3 * CUBIC * SCALE), SCALE));
  },
);

/** v */
function inner(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC * SCALE), SCALE));
}
