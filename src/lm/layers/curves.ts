// The curves of the non-linearities of feed-forward layers, with their slopes.
import * as tf from '@tensorflow/tfjs-core';
import { fused } from './fused.js';

/** Numbers of the curves, which the kernels know them by (src/engine/assembly/activation.ts). */
const KIND = { gelu: 0, geluNew: 1, silu: 2 } as const;

/** y = f(x), element by element. */
export interface Curve {
  /** Absent where the small steps are the faster ones. */
  kind?: number;
  /** f(x) */
  value: Steps;
  /** f'(x) */
  slope: Steps;
}

/** Does a step of an activation at once, where there is a curve for it and the engine in use can. */
export function fusedOn(
  { kind }: Curve,
  step: 'activate' | 'activateBack',
  inputs: Record<string, tf.Tensor>,
): tf.Tensor[] | undefined {
  return kind === undefined ? undefined : fused(step, inputs, { kind });
}

type Steps = (x: tf.Tensor2D) => tf.Tensor2D;

/** f(x) = x s(x), by the share s of x that passes, and its slope ds/dx. */
function passing(kind: number, share: Steps, rise: Steps): Curve {
  return {
    kind,
    value: (x) => tf.mul(x, share(x)),
    slope: (x) => tf.add(share(x), tf.mul(x, rise(x))),
  };
}

/** s = Phi, the standard normal distribution function (Hendrycks and Gimpel 2016). */
export const gelu = passing(
  KIND.gelu,
  (x) => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5),
  (x) => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
);

const CUBIC = 0.044715;
const SCALE = 2 * Math.sqrt(2 / Math.PI);

/** The approximation of GELU: s = (1 + tanh(v/2)) / 2 = sigmoid(v), v = 2 sqrt(2/pi) (x + 0.044715 x^3). */
export const geluNew = passing(
  KIND.geluNew,
  (x) => tf.sigmoid(inner(x)),
  (x) => tf.mul(sigmoidSlope(inner(x)), tf.add(tf.mul(tf.square(x), 3 * CUBIC * SCALE), SCALE)),
);

/** s = sigmoid(x). */
export const silu = passing(KIND.silu, tf.sigmoid, sigmoidSlope);

/** max(x, 0); its slope at 0 is 0. */
export const relu: Curve = { value: tf.relu, slope: tf.step };

/** v */
function inner(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC * SCALE), SCALE));
}

/** s (1 - s), which would lose its digits where s is near 1. */
function sigmoidSlope(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.sigmoid(x), tf.sigmoid(tf.neg(x)));
}
