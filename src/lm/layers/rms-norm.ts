// RMS normalisation over the last axis (Zhang and Sennrich 2019): layer normalisation that leaves the mean alone.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import type { Norm } from './norm.js';
import { inverseSize, normalise } from './normalise.js';
import { type Weight, weightIn } from './weight.js';

export interface RmsNormOptions {
  /** Added to the mean of squares, inside the root. */
  epsilon: number;
  /** Added to the weight: 1 in Gemma, whose weights lie around 0. */
  offset?: 0 | 1;
}

export class RmsNorm implements Norm {
  private readonly epsilon: number;
  private readonly offset: 0 | 1;

  /** Takes over `weight` [W]. */
  constructor(
    private weight: tf.Tensor1D,
    { epsilon, offset = 0 }: RmsNormOptions,
  ) {
    this.epsilon = epsilon;
    this.offset = offset;
  }

  get width(): number {
    return this.weight.size;
  }

  /** Weight and offset [W]; where there is an offset, a tensor of the caller's `tf.tidy`. */
  get gain(): tf.Tensor1D {
    return this.offset ? tf.add(this.weight, this.offset) : this.weight;
  }

  /** The weight [W], without the offset. */
  weights(): Weight[] {
    return [
      weightIn(this.weight, (weight) => {
        this.weight = weight;
      }),
    ];
  }

  /** x [R, W] to y [R, W]. */
  apply(x: tf.Tensor2D): Applied {
    const { weight, offset, epsilon } = this;
    return normalise(x, { centred: false, epsilon, weight, offset });
  }

  /**
   * The norm that keeps the root mean square which it has at another place: linear in u [R, W].
   * @param at [R, W], or [1, W] for all rows
   */
  applyHeld(u: tf.Tensor2D, at: tf.Tensor2D): Applied {
    const inverse = inverseSize(at, this.epsilon);
    const scaled = (x: tf.Tensor2D) => tf.tidy(() => tf.mul<tf.Tensor2D>(tf.mul(x, inverse), this.gain));
    return { y: scaled(u), holds: [inverse], back: scaled };
  }

  dispose(): void {
    this.weight.dispose();
  }
}
