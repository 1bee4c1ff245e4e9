// A matrix of which some rows (or columns) are others: the matrix itself is neither changed nor copied.
import * as tf from '@tensorflow/tfjs-core';
import type { Axis, Matrix } from './matrix.js';

export class EditedMatrix implements Matrix {
  /** Which place of `axis` is another one, and then which: its number among the vectors behind all that are [length]. */
  private readonly places: tf.Tensor1D;
  /** 1 at places that are the matrix's own, 0 at the others [length]. */
  private readonly own: tf.Tensor1D;
  private readonly edited: tf.Tensor1D;

  /**
   * Takes over the vectors, not the matrix.
   * @param numbers of the rows, or the columns, each once [n]
   * @param vectors what they are here [n, length of the other axis]
   */
  constructor(
    private readonly matrix: Matrix,
    private readonly numbers: readonly number[],
    private readonly vectors: tf.Tensor2D,
    private readonly axis: Axis,
  ) {
    const length = matrix.shape[axis];
    const places = Int32Array.from({ length }, (_, i) => i);
    const own = new Float32Array(length).fill(1);
    numbers.forEach((number, i) => {
      places[number] = length + i;
      own[number] = 0;
    });
    this.places = tf.tensor1d(places);
    this.own = tf.tensor1d(own);
    this.edited = tf.tensor1d([...numbers], 'int32');
  }

  get shape(): readonly [number, number] {
    return this.matrix.shape;
  }

  product(x: tf.Tensor2D, transposed: boolean, bias?: tf.Tensor1D): tf.Tensor2D {
    return tf.tidy(() => {
      // The axis that is summed over: x reads its own places of the matrix, and the edited ones from the vectors.
      if ((this.axis === 0) !== transposed) {
        const own = this.matrix.product(tf.mul(x, this.own), transposed, bias);
        return tf.add<tf.Tensor2D>(own, tf.matMul(tf.gather(x, this.edited, 1), this.vectors));
      }
      const own = this.matrix.product(x, transposed);
      const all: tf.Tensor2D = tf.concat([own, tf.matMul<tf.Tensor2D>(x, this.vectors, false, true)], 1);
      const picked = tf.gather(all, this.places, 1);
      return bias ? tf.add<tf.Tensor2D>(picked, bias) : picked;
    });
  }

  pick(numbers: readonly number[], axis: Axis): tf.Tensor2D {
    return tf.tidy(() => {
      const own = this.matrix.pick(numbers, axis); // [n, length of the other axis]
      if (axis !== this.axis) {
        const across = tf.gather(tf.transpose(this.vectors), tf.tensor1d([...numbers], 'int32')); // [n, edited]
        return tf.gather(tf.concat([own, across], 1), this.places, 1);
      }
      const place = new Map(this.numbers.map((number, i) => [number, numbers.length + i]));
      const rows = numbers.map((number, i) => place.get(number) ?? i);
      return tf.gather(tf.concat([own, this.vectors], 0), tf.tensor1d(rows, 'int32'));
    });
  }

  part(): Matrix {
    throw new Error('an edited matrix is not parted');
  }

  values(): Float32Array {
    const values = this.matrix.values();
    const [, columns] = this.shape;
    const vectors = this.vectors.dataSync<'float32'>();
    const [, length] = this.vectors.shape;
    this.numbers.forEach((number, i) => {
      for (let j = 0; j < length; j++) {
        values[this.axis === 0 ? number * columns + j : j * columns + number] = vectors[i * length + j] ?? 0;
      }
    });
    return values;
  }

  like(values: Float32Array): Matrix {
    return this.matrix.like(values);
  }

  /** The matrix stays. */
  dispose(): void {
    tf.dispose([this.places, this.own, this.edited, this.vectors]);
  }
}
