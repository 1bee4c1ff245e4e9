// A linear layer whose backward pass is as fast as its forward pass.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import { type Weight, weightIn } from './weight.js';

/**
 * y = x W + b. The transposed weight is kept once it has been needed: the wasm backend multiplies ten times slower
 * when asked to transpose on the way.
 */
export class Linear {
  private transposed: tf.Tensor2D | undefined;

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

  /** Cuts the layer into `count` layers of O / count outputs each, which take its place. */
  split(count: number): Linear[] {
    const weights = tf.split<tf.Tensor2D>(this.weight, count, 1);
    const biases = tf.split<tf.Tensor1D>(this.bias, count);
    this.dispose();
    return weights.map((weight, i) => new Linear(weight, biases[i] as tf.Tensor1D));
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
    this.transposed?.dispose();
    this.transposed = undefined;
    return previous;
  }

  /** x [R, I] to y [R, O]. */
  apply(x: tf.Tensor2D): Applied {
    const y = tf.fused.matMul({ a: x, b: this.weight, bias: this.bias }) as tf.Tensor2D;
    return { y, back: (dy) => this.back(dy) };
  }

  /** dL/dy [R, O] to dL/dx [R, I]. */
  back(dy: tf.Tensor2D): tf.Tensor2D {
    this.transposed ??= tf.keep(tf.transpose(this.weight));
    return tf.matMul(dy, this.transposed);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias.dispose();
    this.transposed?.dispose();
  }
}
