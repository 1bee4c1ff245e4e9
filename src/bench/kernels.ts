// Watching an engine's kernels while something runs, on whatever engine.
import * as tf from '@tensorflow/tfjs-core';
import { replaceKernels } from '../engine/backends/replace-kernels.js';
import { STORED_PRODUCT } from '../lm/stored-matrix.js';

/** The kernels that are matrix products. */
export const PRODUCTS: readonly string[] = ['BatchMatMul', '_FusedMatMul', STORED_PRODUCT];

/** A kernel that is about to run: its name, what it gets, and what runs it. */
export interface Started {
  name: string;
  inputs: tf.NamedTensorInfoMap;
  attrs: tf.NamedAttrMap;
  run(): tf.TensorInfo | tf.TensorInfo[];
}

/** Runs some work in which every kernel of the engine, or those of some names, goes through `watch`. */
export function watchingKernels<T>(
  watch: (started: Started) => tf.TensorInfo | tf.TensorInfo[],
  work: () => T,
  names?: readonly string[],
): T {
  const backend = tf.getBackend();
  const own = tf.getKernelsForBackend(backend).filter((kernel) => names?.includes(kernel.kernelName) ?? true);
  replaceKernels(
    own.map((kernel) => ({
      ...kernel,
      kernelFunc: (call) =>
        watch({
          name: kernel.kernelName,
          inputs: call.inputs,
          attrs: call.attrs ?? {},
          run: () => kernel.kernelFunc(call),
        }),
    })),
  );
  try {
    return work();
  } finally {
    replaceKernels(own);
  }
}
