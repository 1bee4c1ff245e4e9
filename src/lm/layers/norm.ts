// What the norms of a network have in common: they bring every row to unit size, and then multiply by a gain.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import type { Weight } from './weight.js';

export interface Norm {
  /** x [R, W] to y [R, W]. */
  apply(x: Tensor2D): Applied;
  /** Numbers in a row (W). */
  readonly width: number;
  /** What a row of unit size is multiplied by [W]: the norm's own, or what it makes of that in the caller's `tf.tidy`. */
  readonly gain: Tensor1D;
  weights(): Weight[];
  dispose(): void;
}
