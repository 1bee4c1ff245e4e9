// The contract of every layer: a value, and the way a gradient goes back through it (its vector-Jacobian product).
import type { Tensor2D } from '@tensorflow/tfjs-core';

/**
 * What applying a layer leaves behind. Layers differentiate themselves: weights are constants here, so only the
 * gradient with respect to the input exists, and nothing is taped that is not needed.
 * All tensors belong to the caller's `tf.tidy`; a layer itself tidies away what its backward pass has no use for.
 */
export interface Applied {
  /** [R, out] */
  y: Tensor2D;
  /** dL/dy [R, out] to dL/dx [R, in] */
  back(dy: Tensor2D): Tensor2D;
}
