// Reading tensors off the device, in the way in which the program reads those of every engine: at once.
import * as tf from '@tensorflow/tfjs-core';
import type { Buffer, Opened } from './dawn.js';

/** As much of tfjs' backend as reading takes. */
export interface WebGpuBackend extends tf.KernelBackend {
  tensorMap: { get(id: object): { values: tf.BackendValues | null; dtype: tf.DataType; resource: Buffer } };
  bufferManager: {
    acquireBuffer(size: number, usage: number): Buffer;
    releaseBuffer(buffer: Buffer): void;
    /** By size and use. Those of a size that never comes again stay here for ever. */
    freeBuffers: Map<string, Buffer[]>;
    numFreeBuffers: number;
    numBytesAllocated: number;
    numBytesUsed: number;
  };
  commandEncoder: {
    copyBufferToBuffer(from: Buffer, start: number, to: Buffer, at: number, size: number): void;
  };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** What buffers that wait for another tensor of their size may take. */
const IDLE_BYTES = 256 * 2 ** 20;

/** GPUBufferUsage.MAP_READ and COPY_DST */
const READABLE = 1 | 8;

/**
 * Gives the backend a `readSync` that waits for the device; its own draws on a canvas, which Node has not. The error that
 * it throws where the device has failed says why: what came after the failure would be zeros.
 */
export function readAtOnce(backend: WebGpuBackend, { device, waitFor }: Opened): void {
  let failure: string | undefined;
  const note = (reason: string) => {
    failure ??= reason.split('\n')[0];
  };
  device.addEventListener('uncapturederror', ({ error }) => note(error.message));
  void device.lost.then(({ message }) => note(message));

  backend.readSync = (id) => {
    const { values, dtype, resource } = backend.tensorMap.get(id);
    if (values !== null && values !== undefined) return values;
    if (failure !== undefined) throw new Error(`WebGPU: ${failure}`);
    const buffer = backend.bufferManager.acquireBuffer(resource.size, READABLE);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(resource, 0, buffer, 0, resource.size);
    backend.submitQueue();
    waitFor(buffer);
    if (failure !== undefined || buffer.mapState !== 'mapped') {
      throw new Error(`WebGPU: ${failure ?? 'the device is lost'}`);
    }
    const bytes = buffer.getMappedRange().slice(0);
    buffer.unmap();
    backend.bufferManager.releaseBuffer(buffer);
    freeIdle(backend.bufferManager);
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype);
  };
}

/** Gives the memory of idle buffers back, once they take too much. */
function freeIdle(buffers: WebGpuBackend['bufferManager']): void {
  if (buffers.numBytesAllocated - buffers.numBytesUsed <= IDLE_BYTES) return;
  const idle = [...buffers.freeBuffers.values()].flat();
  for (const buffer of idle) {
    buffers.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
  for (const list of buffers.freeBuffers.values()) list.length = 0;
  buffers.numFreeBuffers -= idle.length;
}
