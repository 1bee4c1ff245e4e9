// A linear layer whose backward pass is as fast as its forward pass.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { type Weight, weightIn } from './weight.js';

/** Flag: the engine is slow in multiplying by a matrix that it has to transpose on the way (plain wasm, ten times). */
export const SLOW_TRANSPOSED = 'KN_EDIT_SLOW_TRANSPOSED';
tf.env().registerFlag(SLOW_TRANSPOSED, () => tf.getBackend() === 'wasm');

/** y = x W + b. */
export class Linear {
  /** Takes over `weight` [I, O] and `bias` [O]. */
  constructor(
    private weight: tf.Tensor2D,
    private bias: tf.Tensor1D,
  ) {}

  /** From PyTorch's layout: weight [O, I], bias [O]. */
  static fromTorch(weight: tf.Tensor2D, bias: tf.Tensor1D): Linear {
    const linear = new Linear(tf.transpose(weight), bias);
    weight.dispose();
    return linear;
  }

  /** Cuts the layer into layers of so many outputs each, in their order, which take its place. */
  split<const S extends readonly number[]>(...sizes: S): { [I in keyof S]: Linear } {
    const weights = tf.split<tf.Tensor2D>(this.weight, [...sizes], 1);
    const biases = tf.split<tf.Tensor1D>(this.bias, [...sizes]);
    this.dispose();
    const layers = weights.map((weight, i) => new Linear(weight, biases[i] as tf.Tensor1D));
    return layers as { [I in keyof S]: Linear }; // one for each size
  }

  /** The same layer with its outputs in another order, which takes its place. @param order of the present outputs [O] */
  reorder(order: readonly number[]): Linear {
    const reordered = tf.tidy(() => {
      const indices = tf.tensor1d([...order], 'int32');
      return [tf.gather(this.weight, indices, 1), tf.gather(this.bias, indices)] as const;
    });
    this.dispose();
    return new Linear(...reordered);
  }

  /** [I, O]; do not dispose. */
  get matrix(): tf.Tensor2D {
    return this.weight;
  }

  /** [O]; do not dispose. */
  get offset(): tf.Tensor1D {
    return this.bias;
  }

  /** The matrix [I, O] and the bias [O]. */
  weights(): [matrix: Weight, bias: Weight] {
    return [
      weightIn(this.weight, (weight) => this.exchange(weight)),
      weightIn(this.bias, (bias) => {
        this.bias = bias;
      }),
    ];
  }

  /** Puts another weight in place and returns the one that was there, which is now the caller's. */
  exchange(weight: tf.Tensor2D): tf.Tensor2D {
    const previous = this.weight;
    this.weight = weight;
    return previous;
  }

  /** x [R, I] to y [R, O]. */
  apply(x: tf.Tensor2D): Applied {
    const y = tf.fused.matMul({ a: x, b: this.weight, bias: this.bias }) as tf.Tensor2D;
    return { y, back: (dy) => this.back(dy) };
  }

  /** dL/dy [R, O] to dL/dx [R, I]. */
  back(dy: tf.Tensor2D): tf.Tensor2D {
    return timesTransposed(dy, this.weight);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias.dispose();
  }
}

/** x [R, O] times the transpose of w [I, O]: [R, I]. No copy of w is kept. */
export function timesTransposed(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  if (!tf.env().getBool(SLOW_TRANSPOSED)) return tf.matMul(x, w, false, true);
  // x w^T = (w x^T)^T: only the small matrices are transposed.
  return tf.tidy(() => tf.transpose(tf.matMul(w, tf.transpose(x))));
}
