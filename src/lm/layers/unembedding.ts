// From the last hidden state to the vocabulary: one logit per token, its row of E times the state.
import type * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import type { Matrix } from './matrix.js';
import { type Weight, weightIn } from './weight.js';

/** logits = x E^T + b. */
export class Unembedding {
  /**
   * Takes over both.
   * @param rows E [V, H]
   * @param bias [V], where the family has one
   */
  constructor(
    public rows: Matrix,
    private bias?: tf.Tensor1D,
  ) {}

  /** E [V, H] and, where there is one, the bias [V]. */
  weights(): Weight[] {
    const rows = weightIn(this.rows, (matrix) => {
      this.rows = matrix;
    });
    if (!this.bias) return [rows];
    const bias = weightIn(this.bias, (tensor) => {
      this.bias = tensor;
    });
    return [rows, bias];
  }

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const y = this.rows.product(x, true, this.bias);
    return { y, back: (dy) => this.rows.product(dy, false) };
  }

  dispose(): void {
    this.rows.dispose();
    this.bias?.dispose();
  }
}
