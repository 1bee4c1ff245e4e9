// Layer normalisation over the last axis (Ba, Kiros and Hinton 2016).
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { fused } from './fused.js';
import type { Norm } from './norm.js';
import { type Weight, weightIn } from './weight.js';

export class LayerNorm implements Norm {
  /** Takes over `gain` [W] and, where it has one, `bias` [W]. */
  constructor(
    public gain: tf.Tensor1D,
    private bias: tf.Tensor1D | undefined,
    private readonly epsilon: number,
  ) {}

  /** Gain and, where there is one, bias, [W] each. */
  weights(): Weight[] {
    const own = [
      weightIn(this.gain, (gain) => {
        this.gain = gain;
      }),
    ];
    if (!this.bias) return own;
    return [
      ...own,
      weightIn(this.bias, (bias) => {
        this.bias = bias;
      }),
    ];
  }

  /** x [R, W] to y [R, W]. */
  apply(x: tf.Tensor2D): Applied {
    const { gain, epsilon } = this;
    const beta = this.bias ?? tf.zerosLike(gain);
    const [y, unit, inverse] = (fused('layerNorm', { x, gamma: gain, beta }, { epsilon }) ??
      tf.tidy(() => this.inSteps(x))) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const back = (dy: tf.Tensor2D) => {
      const [dx] = fused('layerNormBack', { dy, gamma: gain, unit, inverse }) ?? [
        tf.tidy(() => {
          const d = tf.mul(dy, gain);
          const along = tf.mul(unit, tf.mean(tf.mul(d, unit), -1, true));
          return tf.mul(inverse, tf.sub(tf.sub(d, tf.mean(d, -1, true)), along));
        }),
      ];
      return dx as tf.Tensor2D;
    };
    return { y, holds: [unit, inverse], back };
  }

  /** y [R, W], and what the gradient needs: x at zero mean and unit variance [R, W], and what that took [R, 1]. */
  private inSteps(x: tf.Tensor2D): tf.Tensor[] {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), this.epsilon));
    const unit = tf.mul(centred, inverse);
    const y = tf.mul(unit, this.gain);
    return [this.bias ? tf.add(y, this.bias) : y, unit, inverse];
  }

  dispose(): void {
    this.gain.dispose();
    this.bias?.dispose();
  }
}
