// A weight of a layer as something that can be replaced for a while: how noise gets into a network, and out again.
import { Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Matrix } from './matrix.js';

/** What a weight is kept in. */
export type Held = Tensor | Matrix;

export interface Weight {
  /** What is in place; do not dispose. */
  readonly held: Held;
  /** Puts another one of the same kind and shape in place and returns the one that was there, which is now the caller's. */
  exchange(next: Held): Held;
}

/** A weight that is kept in a variable. */
export function weightIn<T extends Held>(held: T, put: (held: T) => void): Weight {
  let present = held;
  return {
    get held() {
      return present;
    },
    exchange(next) {
      const previous = present;
      present = next as T; // same kind
      put(present);
      return previous;
    },
  };
}

/** The values of a weight, row by row. */
export function valuesIn(held: Held): Float32Array {
  return held instanceof Tensor ? Float32Array.from(held.dataSync<'float32'>()) : held.values();
}

/** A weight of the same kind and shape with other values. */
export function holding(values: Float32Array, like: Held): Held {
  return like instanceof Tensor ? tensor(values, like.shape) : like.like(values);
}
