// A matrix in the memory of the engine: for engines that cannot read weights where all threads share them.
import * as tf from '@tensorflow/tfjs-core';
import type { Axis, Matrix } from './matrix.js';

export class TensorMatrix implements Matrix {
  /** Takes over `tensor`. */
  constructor(private readonly tensor: tf.Tensor2D) {}

  /**
   * A matrix whose values the engine has copied: TensorFlow does that when it first uses them, and until then all that
   * was read would stay in memory.
   */
  static of(values: Float32Array, shape: readonly [number, number]): TensorMatrix {
    const tensor = tf.tensor2d(values, [...shape]);
    tf.slice(tensor, [0, 0], [1, 1]).dispose();
    return new TensorMatrix(tensor);
  }

  get shape(): [number, number] {
    return this.tensor.shape;
  }

  product(x: tf.Tensor2D, transposed: boolean, bias?: tf.Tensor1D): tf.Tensor2D {
    const { tensor: b } = this;
    if (!bias) return tf.matMul(x, b, false, transposed);
    return tf.fused.matMul({ a: x, b, transposeB: transposed, bias }) as tf.Tensor2D;
  }

  pick(numbers: readonly number[], axis: Axis): tf.Tensor2D {
    const indices = tf.tensor1d([...numbers], 'int32');
    const picked: tf.Tensor2D = tf.gather(this.tensor, indices, axis);
    return axis === 0 ? picked : tf.transpose(picked);
  }

  part(first: number, count: number, axis: Axis): TensorMatrix {
    const { tensor } = this;
    return new TensorMatrix(
      axis === 0 ? tf.slice(tensor, [first, 0], [count, -1]) : tf.slice(tensor, [0, first], [-1, count]),
    );
  }

  values(): Float32Array {
    return Float32Array.from(this.tensor.dataSync<'float32'>());
  }

  like(values: Float32Array): TensorMatrix {
    return TensorMatrix.of(values, this.shape);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
