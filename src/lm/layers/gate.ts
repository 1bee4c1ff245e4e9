// The gate of a gated feed-forward layer (Shazeer 2020, GLU Variants Improve Transformer): y = f(z) * up.
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './activations.js';
import type { Holding } from './applied.js';
import { fusedOn } from './curves.js';

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
  return (z, up) => {
    const [y] = fusedOn(curve, 'activate', { z, up }) ?? [tf.tidy(() => tf.mul(curve.value(z), up))];
    const back = (dy: tf.Tensor2D) => {
      const [dz, dup] =
        fusedOn(curve, 'activateBack', { dy, z, up }) ??
        tf.tidy(() => [tf.mul(tf.mul(dy, up), curve.slope(z)), tf.mul(dy, curve.value(z))]);
      return { z: dz as tf.Tensor2D, up: dup as tf.Tensor2D };
    };
    return { y: y as tf.Tensor2D, holds: [z, up], back };
  };
}
