// A matrix that lies outside the engine's memory, where all threads read it: products take it from there.
import * as tf from '@tensorflow/tfjs-core';
import {
  floatsIn,
  partOf,
  pickedFrom,
  STORED_PRODUCT,
  type StoredMatrix,
  type StoredProduct,
  storedFloats,
} from '../stored-matrix.js';
import type { Axis, Matrix } from './matrix.js';

/** Whether the current engine multiplies by stored matrices. */
export function readsStored(): boolean {
  return tf.getKernel(STORED_PRODUCT, tf.getBackend()) !== undefined;
}

export class SharedMatrix implements Matrix {
  constructor(private readonly stored: StoredMatrix) {}

  get shape(): [number, number] {
    return [this.stored.rows, this.stored.columns];
  }

  product(x: tf.Tensor2D, transposed: boolean, bias?: tf.Tensor1D): tf.Tensor2D {
    const inputs: tf.NamedTensorMap = bias ? { x, bias } : { x };
    const attributes: StoredProduct = { ...this.stored, transposed };
    return tf.engine().runKernel(STORED_PRODUCT, inputs, { ...attributes }) as tf.Tensor2D;
  }

  pick(numbers: readonly number[], axis: Axis): tf.Tensor2D {
    const { rows, columns } = this.stored;
    return tf.tensor2d(pickedFrom(this.stored, numbers, axis), [numbers.length, axis === 0 ? columns : rows]);
  }

  part(first: number, count: number, axis: Axis): SharedMatrix {
    return new SharedMatrix(partOf(this.stored, first, count, axis));
  }

  values(): Float32Array {
    return floatsIn(this.stored);
  }

  like(values: Float32Array): SharedMatrix {
    return new SharedMatrix(storedFloats(values, this.shape));
  }

  /** What it reads is not its own. */
  dispose(): void {}
}
