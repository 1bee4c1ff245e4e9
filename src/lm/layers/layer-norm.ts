// Layer normalisation over the last axis (Ba, Kiros and Hinton 2016).
import type * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import type { Norm } from './norm.js';
import { normalise } from './normalise.js';
import { type Weight, weightIn } from './weight.js';

export class LayerNorm implements Norm {
  /** Takes over `gain` [W] and, where it has one, `bias` [W]. */
  constructor(
    public gain: tf.Tensor1D,
    private bias: tf.Tensor1D | undefined,
    private readonly epsilon: number,
  ) {}

  get width(): number {
    return this.gain.size;
  }

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
    const { gain: weight, bias, epsilon } = this;
    return normalise(x, { centred: true, epsilon, weight, bias });
  }

  dispose(): void {
    this.gain.dispose();
    this.bias?.dispose();
  }
}
