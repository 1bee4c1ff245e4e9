// Loads tfjs' WebGPU backend into this process, on Dawn. Only for processes that may end with it.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { validate } from '../../../spec/json.js';
import { findPackage, homeOf, PACKAGES } from '../native.js';
import { type Adapter, DAWN, type Opened, openDevice } from './dawn.js';
import { readAtOnce, type WebGpuBackend } from './read.js';
import { loadSoftware } from './software.js';

const require = createRequire(import.meta.url);

const packageSchema = z.object({
  WebGPUBackend: z.custom<new (device: unknown, info: Adapter['info']) => WebGpuBackend>(
    (value) => typeof value === 'function',
  ),
});

/** Once in a process. */
let opening: Promise<Opened> | undefined;

/**
 * Registers the backend.
 * @returns its name in tfjs, versions and device, and what the device is good for
 * @throws when it is not installed, or there is no device
 */
export async function loadWebGpu() {
  const directory = findPackage('webgpu');
  if (!directory) throw new Error('not installed');
  opening ??= register(directory);
  const { adapter, limits } = await opening;
  const { info } = adapter;
  const device = [info.device || info.vendor, info.description].filter(Boolean).join(', ');
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const kind = info.isFallbackAdapter ? 'emulated by the processor' : 'a GPU';
  return {
    backend: 'webgpu',
    version:
      `${PACKAGES.webgpu} ${tf.version_core}, Dawn ${DAWN.version}, ${device} (${kind}), ` +
      `matrices of up to ${(largest / 1e9).toFixed(1)} GB`,
    largestMatrixBytes: largest,
    emulated: info.isFallbackAdapter,
  };
}

async function register(directory: string): Promise<Opened> {
  const home = homeOf('webgpu');
  await loadSoftware(home);
  const { WebGPUBackend } = validate(PACKAGES.webgpu, require(directory), packageSchema); // registers its kernels, and no backend yet
  const opened = await openDevice(home);
  const backend = new WebGPUBackend(opened.device, opened.adapter.info);
  readAtOnce(backend, opened);
  tf.registerBackend('webgpu', () => backend);
  tf.env().set('WEBGPU_CPU_FORWARD', false); // small steps on the processor would be other numbers
  return opened;
}
