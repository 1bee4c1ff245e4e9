// A table of embeddings: a row for every token, position or token type.
import * as tf from '@tensorflow/tfjs-core';
import { type Weight, weightIn } from './weight.js';

export class Table {
  /** Takes over `rows` [N, H]. */
  constructor(private rows: tf.Tensor2D) {}

  /** [N, H]; do not dispose. */
  get matrix(): tf.Tensor2D {
    return this.rows;
  }

  /** The rows of ids [B, S]: [B, S, H]. */
  rowsOf(ids: tf.Tensor2D): tf.Tensor3D {
    return tf.gather<tf.Tensor>(this.rows, ids) as tf.Tensor3D;
  }

  /** Some of its rows [n, H]. */
  at(numbers: readonly number[]): tf.Tensor2D {
    return tf.gather(this.rows, tf.tensor1d([...numbers], 'int32'));
  }

  /** Rows in a row [count, H]. */
  slice(first: number, count: number): tf.Tensor2D {
    return tf.slice(this.rows, first, count);
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
