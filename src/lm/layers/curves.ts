// The curves of the non-linearities of feed-forward layers, with their slopes, in the small steps that any engine has.
import * as tf from '@tensorflow/tfjs-core';

/** In the order of the numbers that the kernels in engine/assembly/curve.ts have for them. */
export const KINDS = ['gelu', 'gelu_new', 'silu', 'relu'] as const;

/** y = f(x), element by element, tensors of any shape. */
export interface Curve {
  kind: (typeof KINDS)[number];
  /** f(x) */
  value(x: tf.Tensor2D): tf.Tensor2D;
  /** f'(x) */
  slope(x: tf.Tensor2D): tf.Tensor2D;
}

type Steps = (x: tf.Tensor2D) => tf.Tensor2D;

/** f(x) = x s(x), by the share s of x that passes, and its slope ds/dx. */
function passing(kind: Curve['kind'], share: Steps, rise: Steps): Curve {
  return {
    kind,
    value: (x) => tf.mul(x, share(x)),
    slope: (x) => tf.add(share(x), tf.mul(x, rise(x))),
  };
}

/** s = Phi, the standard normal distribution function (Hendrycks and Gimpel 2016). */
export const gelu = passing(
  'gelu',
  (x) => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5),
  (x) => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
);

const CUBIC = 0.044715;
const SCALE = 2 * Math.sqrt(2 / Math.PI);

/** The approximation of GELU: s = (1 + tanh(v/2)) / 2 = sigmoid(v), v = 2 sqrt(2/pi) (x + 0.044715 x^3). */
export const geluNew = passing(
  'gelu_new',
  (x) => tf.sigmoid(inner(x)),
  (x) => tf.mul(sigmoidSlope(inner(x)), tf.add(tf.mul(tf.square(x), 3 * CUBIC * SCALE), SCALE)),
);

/** s = sigmoid(x). */
export const silu = passing('silu', tf.sigmoid, sigmoidSlope);

/** max(x, 0); its slope at 0 is 0. */
export const relu: Curve = { kind: 'relu', value: tf.relu, slope: tf.step };

/** v */
function inner(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC * SCALE), SCALE));
}

/** s (1 - s), which would lose its digits where s is near 1. */
function sigmoidSlope(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.sigmoid(x), tf.sigmoid(tf.neg(x)));
}
