// Counting the arithmetic of matrix products while something runs.
import * as tf from '@tensorflow/tfjs-core';
import { PRODUCTS, watchingKernels } from './kernels.js';

/** Runs some work. @returns its result, and the floating-point operations of its matrix products */
export function countingFlops<T>(work: () => T): { result: T; flops: number } {
  let flops = 0;
  const result = watchingKernels(
    ({ inputs: { a, x = a }, attrs, run }) => {
      const before = flops;
      const out = run();
      flops = before; // some kernels call another one of these: it is the same product
      const inner = x?.shape.at(attrs.transposeA ? -2 : -1) ?? 0;
      for (const one of [out].flat()) flops += 2 * inner * tf.util.sizeFromShape(one.shape);
      return out;
    },
    work,
    PRODUCTS,
  );
  return { result, flops };
}
