// The exact (erf) form of GELU.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';

/** y = x Phi(x), Phi the standard normal distribution function. x [R, F]. */
export function gelu(x: tf.Tensor2D): Applied {
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
}
