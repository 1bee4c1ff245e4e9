// From the last hidden state to the vocabulary: one logit per token, its row of E times the state.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { timesTransposed } from './linear.js';
import { type Weight, weightIn } from './weight.js';

/** logits = x E^T + b. E is the largest tensor of a model, so no transposed copy of it is kept. */
export class Unembedding {
  /**
   * Takes over both.
   * @param rows E [V, H]
   * @param bias [V], where the family has one
   */
  constructor(
    public rows: tf.Tensor2D,
    private bias?: tf.Tensor1D,
  ) {}

  /** E [V, H] and, where there is one, the bias [V]. */
  weights(): Weight[] {
    const rows = weightIn(this.rows, (tensor) => {
      this.rows = tensor;
    });
    if (!this.bias) return [rows];
    const bias = weightIn(this.bias, (tensor) => {
      this.bias = tensor;
    });
    return [rows, bias];
  }

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const y = tf.tidy(() => {
      const product = timesTransposed(x, this.rows); // [R, V]
      return this.bias ? tf.add<tf.Tensor2D>(product, this.bias) : product;
    });
    return { y, back: (dy) => tf.matMul(dy, this.rows) };
  }

  dispose(): void {
    tf.dispose([this.rows, ...(this.bias ? [this.bias] : [])]);
  }
}
