// The gate of a gated feed-forward layer (Shazeer 2020, GLU Variants Improve Transformer): y = f(z) * up.
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './activations.js';
import type { Holding } from './applied.js';

/** z and up, both [R, F], to y [R, F]. */
export type Gate = (z: tf.Tensor2D, up: tf.Tensor2D) => Gated;

export interface Gated extends Holding {
  /** [R, F] */
  y: tf.Tensor2D;
  /** dL/dy to the gradients of both, all [R, F]. */
  back(dy: tf.Tensor2D): { z: tf.Tensor2D; up: tf.Tensor2D };
}

/** The gate that an activation makes. */
export function gated({ curve }: Activation): Gate {
  return (z, up) => ({
    y: tf.tidy(() => tf.mul(curve.value(z), up)),
    holds: [z, up],
    back: (dy) =>
      tf.tidy(() => ({
        z: tf.mul(tf.mul(dy, up), curve.slope(z)),
        up: tf.mul(dy, curve.value(z)),
      })),
  });
}
