// Counting the arithmetic of matrix products while something runs, on whatever engine.
import * as tf from '@tensorflow/tfjs-core';

const KERNELS = ['BatchMatMul', '_FusedMatMul'];

/** Runs some work. @returns its result, and the floating-point operations of its matrix products */
export function countingFlops<T>(work: () => T): { result: T; flops: number } {
  const backend = tf.getBackend();
  const own = KERNELS.flatMap((name) => tf.getKernel(name, backend) ?? []);
  let flops = 0;
  const put = (kernels: readonly tf.KernelConfig[]) => {
    for (const kernel of kernels) {
      tf.unregisterKernel(kernel.kernelName, backend);
      tf.registerKernel({ ...kernel, setupFunc: undefined }); // the backend is set up already
    }
  };
  put(
    own.map((kernel) => ({
      ...kernel,
      kernelFunc: (call) => {
        const before = flops;
        const out = kernel.kernelFunc(call);
        flops = before; // some kernels call another one of these: it is the same product
        const inner = call.inputs.a?.shape.at(call.attrs?.transposeA ? -2 : -1) ?? 0;
        for (const one of [out].flat()) flops += 2 * inner * tf.util.sizeFromShape(one.shape);
        return out;
      },
    })),
  );
  try {
    return { result: work(), flops };
  } finally {
    put(own);
  }
}
