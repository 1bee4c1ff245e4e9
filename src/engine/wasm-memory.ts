// The memory of the wasm backend, in which code that is not its own works on its tensors.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** @throws Error when this version of the backend keeps it elsewhere */
export function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const { asm } = backend.wasm as { asm?: { memory?: unknown } };
  const memory = asm?.memory;
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new Error("the wasm backend's memory is not where it used to be");
}
