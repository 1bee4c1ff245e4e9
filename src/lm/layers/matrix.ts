// A matrix of weights as layers use it, wherever its values lie.
import type * as tf from '@tensorflow/tfjs-core';

/** Of a matrix, which of its dimensions: that of its rows (0), or that of its columns (1). */
export type Axis = 0 | 1;

/** M [rows, columns]. Tensor arguments and results belong to the caller's tidy. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  /** x M [R, columns], or where transposed x M^T [R, rows]; plus the bias. */
  product(x: tf.Tensor2D, transposed: boolean, bias?: tf.Tensor1D): tf.Tensor2D;
  /** Some of its rows [n, columns], or of its columns as rows [n, rows]. */
  pick(numbers: readonly number[], axis: Axis): tf.Tensor2D;
  /** Rows in a row, or columns; the matrix itself stays. */
  part(first: number, count: number, axis: Axis): Matrix;
  /** All values [rows * columns], row by row. */
  values(): Float32Array;
  /** A matrix of the same kind and shape that holds other values. */
  like(values: Float32Array): Matrix;
  dispose(): void;
}
