// Numbers out of the tensor engine.
import * as tf from '@tensorflow/tfjs-core';

/** The values of the tensor that `work` computes; leaves no tensor behind (and, unlike `tf.tidy`, looks at no value). */
export function valuesOf(work: () => tf.Tensor): Float32Array {
  const [values = new Float32Array()] = valuesOfEach(() => [work()]);
  return values;
}

/** The same of several tensors that are computed together. */
export function valuesOfEach(work: () => tf.Tensor[]): Float32Array[] {
  const tensors = tf.tidy(work);
  const values = tensors.map((tensor) => tensor.dataSync<'float32'>());
  tf.dispose(tensors);
  return values;
}
