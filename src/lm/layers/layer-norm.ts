// Layer normalisation over the last axis.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { fused } from './fused.js';
import { type Weight, weightIn } from './weight.js';

export class LayerNorm {
  /** Takes over `gamma` [H] and `beta` [H]. */
  constructor(
    public gamma: tf.Tensor1D,
    private beta: tf.Tensor1D,
    private readonly epsilon: number,
  ) {}

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
    const { gamma, beta, epsilon } = this;
    const [y, unit, inverse] = (fused('layerNorm', { x, gamma, beta }, { epsilon }) ??
      tf.tidy(() => this.inSteps(x))) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const back = (dy: tf.Tensor2D) => {
      const [dx] = fused('layerNormBack', { dy, gamma, unit, inverse }) ?? [
        tf.tidy(() => {
          const d = tf.mul(dy, gamma);
          const along = tf.mul(unit, tf.mean(tf.mul(d, unit), -1, true));
          return tf.mul(inverse, tf.sub(tf.sub(d, tf.mean(d, -1, true)), along));
        }),
      ];
      return dx as tf.Tensor2D;
    };
    return { y, holds: [unit, inverse], back };
  }

  /** y [R, H], and what the gradient needs: x at zero mean and unit variance [R, H], and what that took [R, 1]. */
  private inSteps(x: tf.Tensor2D): tf.Tensor[] {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), this.epsilon));
    const unit = tf.mul(centred, inverse);
    return [tf.add(tf.mul(unit, this.gamma), this.beta), unit, inverse];
  }

  dispose(): void {
    tf.dispose([this.gamma, this.beta]);
  }
}
