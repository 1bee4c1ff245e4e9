// Other kernels in the place of those that a tfjs backend has.
import * as tf from '@tensorflow/tfjs-core';

/** Each takes the place of the kernel of its name. @throws Error when its backend has none of that name */
export function replaceKernels(kernels: readonly tf.KernelConfig[]): void {
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel({ ...kernel, setupFunc: undefined }); // the backend is set up already
  }
}
