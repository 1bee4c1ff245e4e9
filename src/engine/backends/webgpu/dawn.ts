// Dawn, Chromium's WebGPU, through its bindings for Node: a device, and how to wait for it.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { validate } from '../../../spec/json.js';

export const DAWN = { name: 'webgpu', version: '0.6.2' };
const NAME = `${DAWN.name} ${DAWN.version}`;

/** As much of WebGPU as is used here. */
export interface Adapter {
  info: {
    vendor: string;
    architecture: string;
    device: string;
    description: string;
    isFallbackAdapter: boolean;
  };
  limits: Partial<Limits>;
  features: ReadonlySet<string>;
  requestDevice(descriptor: object): Promise<Device>;
}

export interface Device {
  addEventListener(type: 'uncapturederror', listener: (event: { error: Error }) => void): void;
  lost: Promise<{ message: string }>;
}

export interface Buffer {
  size: number;
  mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
}

/** Of these, a device has no more than the least that every GPU has, unless it is asked for more. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

const limitsOfDevice = z.record(z.enum(LIMITS), z.number().positive());
type Limits = z.infer<typeof limitsOfDevice>;

const bindings = z.object({
  create: z.custom<(options: string[]) => Gpu>((value) => typeof value === 'function'),
  globals: z.record(z.string(), z.unknown()),
});

/** Milliseconds between two looks at a buffer that is not ready. */
const PAUSE = 0.05;
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** A device with as large limits as its adapter has, and the way to wait for it. */
export interface Opened {
  adapter: Adapter;
  /** Of the device, in bytes and counts. */
  limits: Limits;
  device: Device;
  /** Waits until a buffer that nothing else is mapping can be read. Returns where the device is lost, too. */
  waitFor(buffer: Buffer): void;
}

/**
 * Loads the bindings, puts WebGPU in place (the names of its types, and `navigator.gpu`), and opens the fastest device.
 * @param home directory in which the bindings are installed
 * @throws Error when they do not load, or find no device
 */
export async function openDevice(home: string): Promise<Opened> {
  const path = createRequire(import.meta.url).resolve(DAWN.name, { paths: [home] });
  const { create, globals } = validate(NAME, await import(pathToFileURL(path).href), bindings);
  const gpu = create([]);
  Object.assign(globalThis, globals);
  const navigator = Reflect.get(globalThis, 'navigator') ?? {}; // Node 20 has none
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('there is no GPU, or no driver for it');
  const limits = validate(
    NAME,
    Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    limitsOfDevice,
  );
  const { caught, result } = catchImmediate(() => adapter.requestDevice({ requiredLimits: limits }));
  return { adapter, limits, device: await result, waitFor: (buffer) => map(buffer, caught) };
}

/**
 * The bindings look what has been done in a callback, which they hand to `setImmediate` while they wait for something. The
 * same callback may be called at any time.
 */
function catchImmediate<T>(work: () => T): { caught: () => void; result: T } {
  const { setImmediate } = globalThis;
  let caught: (() => void) | undefined;
  const result = instead((callback) => {
    caught ??= callback;
    setImmediate(callback);
  }, work);
  if (!caught) throw new Error('this version of the bindings waits in another way');
  return { caught, result };
}

/** Maps a buffer for reading without leaving the caller, who could not read it before the next turn otherwise. */
function map(buffer: Buffer, look: () => void): void {
  instead(
    () => undefined,
    () => {
      buffer.mapAsync(GPU_MAP_READ).catch(() => undefined); // its state says it, too
      for (look(); buffer.mapState === 'pending'; look()) Atomics.wait(never, 0, 0, PAUSE);
    },
  );
  look(); // and hands the callback over again, if there is something else to wait for
}

const GPU_MAP_READ = 1;

/** Does some work while `setImmediate` is another function. */
function instead<T>(setImmediate: (callback: () => void) => void, work: () => T): T {
  const { setImmediate: own } = globalThis;
  Object.assign(globalThis, { setImmediate });
  try {
    return work();
  } finally {
    Object.assign(globalThis, { setImmediate: own });
  }
}
