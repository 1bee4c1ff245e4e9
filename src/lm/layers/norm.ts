// What the norms of a network have in common: they bring every row to unit size, and then multiply by a gain.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Applied } from './applied.js';
import type { Weight } from './weight.js';

export interface Norm {
  /** x [R, H] to y [R, H]. */
  apply(x: Tensor2D): Applied;
  /** What a row of unit size is multiplied by [H]; do not dispose. */
  readonly gain: Tensor1D;
  weights(): Weight[];
  dispose(): void;
}
