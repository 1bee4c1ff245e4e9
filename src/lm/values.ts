// Numbers out of the tensor engine.
import * as tf from '@tensorflow/tfjs-core';

/** The values of the tensor that `work` computes; leaves no tensor behind (and, unlike `tf.tidy`, looks at no value). */
export function valuesOf(work: () => tf.Tensor): Float32Array {
  const tensor = tf.tidy(work);
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}
