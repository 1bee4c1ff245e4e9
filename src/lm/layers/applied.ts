// The contract of every layer: a value, and the way a gradient goes back through it (its vector-Jacobian product).
import { type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';

/**
 * What applying a layer leaves behind. Layers differentiate themselves: weights are constants here, so only the
 * gradient with respect to the input exists, and nothing is taped that is not needed.
 * All tensors belong to the caller's `tf.tidy`; `tidyAround` frees those that are no longer needed.
 */
export interface Applied extends Holding {
  /** [R, out] */
  y: Tensor2D;
  /** dL/dy [R, out] to dL/dx [R, in] */
  back(dy: Tensor2D): Tensor2D;
}

export interface Holding {
  /** What a backward pass needs of the forward pass, where that is anything. */
  holds?: readonly Tensor[] | undefined;
}

/** What the backward passes of several parts need. */
export function held(...parts: readonly (Holding | undefined)[]): Tensor[] {
  return parts.flatMap((part) => part?.holds ?? []);
}

/** Frees what some layers have left behind, but for their result and what its backward pass needs. */
export function tidyAround<T extends Holding & { y: Tensor }>(work: () => T): T {
  let result: T | undefined;
  tidy(() => {
    result = work();
    return [result.y, ...held(result)];
  });
  return result as T;
}
