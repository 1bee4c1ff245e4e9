// Layer normalisation over the last axis.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { type Weight, weightIn } from './weight.js';

export class LayerNorm {
  private readonly epsilon: tf.Scalar;

  /** Takes over `gamma` [H] and `beta` [H]. */
  constructor(
    public gamma: tf.Tensor1D,
    private beta: tf.Tensor1D,
    epsilon: number,
  ) {
    this.epsilon = tf.scalar(epsilon);
  }

  /** Gamma and beta, both [H]. */
  weights(): Weight[] {
    return [
      weightIn(this.gamma, (gamma) => {
        this.gamma = gamma;
      }),
      weightIn(this.beta, (beta) => {
        this.beta = beta;
      }),
    ];
  }

  /** x [R, H] to y [R, H]. */
  apply(x: tf.Tensor2D): Applied {
    const { unit, inverse, y } = tf.tidy(() => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), this.epsilon)); // [R, 1]
      const unit = tf.mul(centred, inverse);
      return { unit, inverse, y: tf.add<tf.Tensor2D>(tf.mul(unit, this.gamma), this.beta) };
    });
    const back = (dy: tf.Tensor2D) =>
      tf.tidy(() => {
        const d = tf.mul(dy, this.gamma);
        const along = tf.mul(unit, tf.mean(tf.mul(d, unit), -1, true));
        return tf.mul<tf.Tensor2D>(inverse, tf.sub(tf.sub(d, tf.mean(d, -1, true)), along));
      });
    return { y, holds: [unit, inverse], back };
  }

  dispose(): void {
    tf.dispose([this.gamma, this.beta, this.epsilon]);
  }
}
