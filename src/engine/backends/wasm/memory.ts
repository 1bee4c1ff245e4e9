// The memory of the wasm backend, in which code that is not its own works on its tensors.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/**
 * From now on, memory that is not to be had is an error. The backend itself goes on, at address 0 or beyond the end, with
 * wrong numbers.
 * @throws Error when this version of the backend takes its memory in another way
 */
export function refuseExhaustion(backend: BackendWasm): void {
  const memory = memoryOf(backend);
  const module = backend.wasm as { _malloc?: unknown; asm?: { malloc?: unknown } };
  const allocate = module.asm?.malloc;
  if (typeof allocate !== 'function' || typeof module._malloc !== 'function') {
    throw new Error("the wasm backend's memory is not taken as it used to be");
  }
  module._malloc(0); // the first call puts another function in its place
  module._malloc = (bytes: number) => {
    const address: number = allocate(bytes);
    const start = address >>> 0; // it is signed
    if (bytes === 0 || (start > 0 && start + bytes <= memory.buffer.byteLength)) return address;
    throw new Error(`WebAssembly: out of memory, ${bytes} bytes are not to be had`);
  };
}

/** @throws Error when this version of the backend keeps it elsewhere */
export function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const { asm } = backend.wasm as { asm?: { memory?: unknown } };
  const memory = asm?.memory;
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new Error("the wasm backend's memory is not where it used to be");
}
