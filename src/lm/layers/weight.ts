// A weight of a layer as something that can be replaced for a while: how noise gets into a network, and out again.
import type { Tensor } from '@tensorflow/tfjs-core';

export interface Weight {
  /** The tensor in place; do not dispose. */
  readonly tensor: Tensor;
  /** Puts another tensor of the same shape in place and returns the one that was there, which is now the caller's. */
  exchange(tensor: Tensor): Tensor;
}

/** A weight that is kept in a variable. */
export function weightIn<T extends Tensor>(tensor: T, put: (tensor: T) => void): Weight {
  let present = tensor;
  return {
    get tensor() {
      return present;
    },
    exchange(next) {
      const previous = present;
      present = next as T; // same shape
      put(present);
      return previous;
    },
  };
}
