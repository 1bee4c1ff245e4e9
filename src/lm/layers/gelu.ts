// GELU, the non-linearity of feed-forward layers: its exact form, and the approximation that GPT-2 was trained with.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';

/** x [R, F] to y [R, F], element by element. */
export type Activation = (x: tf.Tensor2D) => Applied;

/** y = x Phi(x), Phi the standard normal distribution function. */
export const gelu: Activation = (x) => {
  const { phi, y } = tf.tidy(() => {
    const phi = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    return { phi, y: tf.mul<tf.Tensor2D>(x, phi) };
  });
  const back = (dy: tf.Tensor2D) =>
    tf.tidy(() => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul<tf.Tensor2D>(dy, tf.add(phi, tf.mul(x, density)));
    });
  return { y, back };
};

const CUBIC = 0.044715;

/** y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). */
export const geluNew: Activation = (x) => {
  const slope = Math.sqrt(2 / Math.PI);
  const { t, y } = tf.tidy(() => {
    const t = tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), 1)), slope));
    return { t, y: tf.mul<tf.Tensor2D>(x, halfAbove(t)) };
  });
  const back = (dy: tf.Tensor2D) =>
    tf.tidy(() => {
      const inner = tf.mul(tf.add(tf.mul(tf.square(x), 3 * CUBIC), 1), slope);
      const rise = tf.mul(tf.mul(tf.sub(1, tf.square(t)), inner), 0.5);
      return tf.mul<tf.Tensor2D>(dy, tf.add(halfAbove(t), tf.mul(x, rise)));
    });
  return { y, back };
};

/** (1 + t) / 2, which GELU multiplies x by. */
function halfAbove(t: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(t, 1), 0.5);
}
