// The memory of the wasm backend, in which code that is not its own works on its tensors.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Bytes that caches take at once. */
const LINE = 64;

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

/** Address and bytes of what is kept. */
const kept = new WeakMap<BackendWasm, { place: number; size: number }>();

/**
 * Memory to work in, which is taken once and kept, one for all: what lies there does so until the next call. Views of the
 * memory that were made before are void afterwards.
 * @returns its address, where a line of the caches begins
 * @throws Error when it is not to be had, or more is asked for than at first
 */
export function workspace(backend: BackendWasm, bytes: number): number {
  const known = kept.get(backend);
  if (known) {
    if (bytes <= known.size) return known.place;
    throw new Error(`the workspace has ${known.size} bytes, and not ${bytes}`);
  }
  const { _malloc: allocate } = backend.wasm as { _malloc?: unknown };
  if (typeof allocate !== 'function')
    throw new Error("the wasm backend's memory is not taken as it used to be");
  const address: number = allocate(bytes + LINE);
  const place = Math.ceil((address >>> 0) / LINE) * LINE;
  kept.set(backend, { place, size: bytes });
  return place;
}
