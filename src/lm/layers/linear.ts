// A linear layer whose backward pass is as fast as its forward pass.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';

/** Whether the engine is slow in multiplying by a transposed matrix, so that a transposed copy is worth its memory. */
export const TRANSPOSED_COPIES = 'KN_EDIT_TRANSPOSED_COPIES';
tf.env().registerFlag(TRANSPOSED_COPIES, () => tf.getBackend() === 'wasm');

/**
 * y = x W + b. On the plain wasm engine, which multiplies ten times slower when asked to transpose on the way,
 * the transposed weight is kept once it has been needed.
 */
export class Linear {
  private transposed: tf.Tensor2D | undefined;

  /** Takes over `weight` [I, O] and `bias` [O]. */
  constructor(
    private weight: tf.Tensor2D,
    private readonly bias: tf.Tensor1D,
  ) {}

  /** From PyTorch's layout: weight [O, I], bias [O]. */
  static fromTorch(weight: tf.Tensor2D, bias: tf.Tensor1D): Linear {
    const linear = new Linear(tf.transpose(weight), bias);
    weight.dispose();
    return linear;
  }

  /** [I, O]; do not dispose. */
  get matrix(): tf.Tensor2D {
    return this.weight;
  }

  /** [O]; do not dispose. */
  get offset(): tf.Tensor1D {
    return this.bias;
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
    if (!tf.env().getBool(TRANSPOSED_COPIES)) return tf.matMul(dy, this.weight, false, true);
    this.transposed ??= tf.keep(tf.transpose(this.weight));
    return tf.matMul(dy, this.transposed);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias.dispose();
    this.transposed?.dispose();
  }
}
