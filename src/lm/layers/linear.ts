// A linear layer, by a matrix that lies as its checkpoint has it.
import * as tf from '@tensorflow/tfjs-core';
import type { Layout } from '../layout.js';
import type { Applied } from './applied.js';
import { EditedMatrix } from './edited-matrix.js';
import type { Axis, Matrix } from './matrix.js';
import { type Weight, weightIn } from './weight.js';

/** y = x W + b, W [I, O]. */
export class Linear {
  /**
   * Takes over both.
   * @param matrix W, or its transpose [O, I] where the layout is `out-in`
   * @param bias [O]
   */
  constructor(
    private matrix: Matrix,
    private bias: tf.Tensor1D,
    private readonly layout: Layout = 'in-out',
  ) {}

  /** Cuts the layer into layers of so many outputs each, in their order, which take its place. */
  split<const S extends readonly number[]>(...sizes: S): { [I in keyof S]: Linear } {
    let first = 0;
    const layers = sizes.map((size) => {
      const bias = tf.slice(this.bias, first, size);
      const matrix = this.matrix.part(first, size, this.axisOf('out'));
      first += size;
      return new Linear(matrix, bias, this.layout);
    });
    this.dispose();
    return layers as { [I in keyof S]: Linear }; // one for each size
  }

  /** I */
  get inputs(): number {
    return this.matrix.shape[this.axisOf('in')];
  }

  /** O */
  get outputs(): number {
    return this.matrix.shape[this.axisOf('out')];
  }

  /** [O]; do not dispose. */
  get offset(): tf.Tensor1D {
    return this.bias;
  }

  /** What some inputs write: their rows of W [n, O]. */
  rows(inputs: readonly number[]): tf.Tensor2D {
    return this.matrix.pick(inputs, this.axisOf('in'));
  }

  /**
   * Puts other rows of W in place of some.
   * @param rows [n, O], which go over to the layer
   * @returns what takes them away again
   */
  edit(inputs: readonly number[], rows: tf.Tensor2D): () => void {
    const { matrix } = this;
    const edited = new EditedMatrix(matrix, inputs, rows, this.axisOf('in'));
    this.matrix = edited;
    return () => {
      this.matrix = matrix;
      edited.dispose();
    };
  }

  /** The matrix and the bias [O]. */
  weights(): [matrix: Weight, bias: Weight] {
    return [
      weightIn(this.matrix, (matrix) => {
        this.matrix = matrix;
      }),
      weightIn(this.bias, (bias) => {
        this.bias = bias;
      }),
    ];
  }

  /** x [R, I] to y [R, O]. */
  apply(x: tf.Tensor2D): Applied {
    const y = this.matrix.product(x, this.layout === 'out-in', this.bias);
    return { y, back: (dy) => this.back(dy) };
  }

  /** x W, without the bias. */
  turn(x: tf.Tensor2D): tf.Tensor2D {
    return this.matrix.product(x, this.layout === 'out-in');
  }

  /** dL/dy [R, O] to dL/dx [R, I]. */
  back(dy: tf.Tensor2D): tf.Tensor2D {
    return this.matrix.product(dy, this.layout === 'in-out');
  }

  dispose(): void {
    this.matrix.dispose();
    this.bias.dispose();
  }

  private axisOf(side: 'in' | 'out'): Axis {
    return (this.layout === 'in-out') === (side === 'in') ? 0 : 1;
  }
}
