// A table of embeddings: a row for every token, position or token type.
import type * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from './matrix.js';
import { type Weight, weightIn } from './weight.js';

export class Table {
  /** Takes over `rows` [N, H]. */
  constructor(private rows: Matrix) {}

  /** [N, H]; do not dispose. */
  get matrix(): Matrix {
    return this.rows;
  }

  /** Some of its rows [n, H]. */
  at(numbers: readonly number[]): tf.Tensor2D {
    return this.rows.pick(numbers, 0);
  }

  /** Rows in a row [count, H]. */
  slice(first: number, count: number): tf.Tensor2D {
    return this.at(Array.from({ length: count }, (_, i) => first + i));
  }

  weights(): Weight[] {
    return [
      weightIn(this.rows, (rows) => {
        this.rows = rows;
      }),
    ];
  }

  dispose(): void {
    this.rows.dispose();
  }
}
