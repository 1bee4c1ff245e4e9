// GELU, the non-linearity of feed-forward layers: its exact form, and the approximation that GPT-2 was trained with.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { bell, cdf } from './normal.js';

/** x [R, F] to y [R, F], element by element. */
export type Activation = (x: tf.Tensor2D) => Applied;

/** y = x Phi(x), Phi the standard normal distribution function. */
export const gelu: Activation = (x) => {
  const phi = cdf(x);
  const back = (dy: tf.Tensor2D) =>
    tf.tidy(() => {
      const density = tf.mul(bell(x), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul<tf.Tensor2D>(dy, tf.add(phi, tf.mul(x, density)));
    });
  return { y: tf.mul(x, phi), holds: [x, phi], back };
};

const CUBIC = 0.044715;

/** y = x/2 (1 + tanh(v)) = x sigmoid(2v), v = sqrt(2/pi) (x + 0.044715 x^3). */
export const geluNew: Activation = (x) => {
  const slope = 2 * Math.sqrt(2 / Math.PI);
  const share = tf.tidy(() => tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC * slope), slope))));
  const back = (dy: tf.Tensor2D) =>
    tf.tidy(() => {
      const rise = tf.mul(
        tf.mul(share, tf.sub(1, share)),
        tf.add(tf.mul(tf.square(x), 3 * CUBIC * slope), slope),
      );
      return tf.mul<tf.Tensor2D>(dy, tf.add(share, tf.mul(x, rise)));
    });
  return { y: tf.mul(x, share), holds: [x, share], back };
};
