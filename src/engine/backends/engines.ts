// The engines: how each is loaded into this process as the tensor backend. The only place that knows which exist.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineName } from '../../spec/choices.js';
import type { BlasSetting } from './blas/blas.js';
import { loadBlas, loadFirst } from './blas/load.js';
import type { EngineReport, Limits } from './report.js';
import { loadTensorflow } from './tensorflow/load.js';
import { registerFused } from './wasm/fused.js';
import { refuseExhaustion } from './wasm/memory.js';
import { attachBlas, attachOwn } from './wasm/products.js';
import { loadWebGpu } from './webgpu/load.js';

interface Engine {
  /** Registers the backend. @returns its name in tfjs, a version, and limits @throws when it is not to be had */
  load(blas?: BlasSetting): Promise<{ backend: string; version: string } & Limits>;
}

const require = createRequire(import.meta.url);

const engines: Record<EngineName, Engine> = {
  'tensorflow-gpu': { load: () => loadTensorflow('tensorflow-gpu') },
  webgpu: { load: loadWebGpu },
  tensorflow: { load: () => loadTensorflow('tensorflow') },
  'wasm+blas': {
    async load(setting) {
      const [blas, version] = await Promise.all([setting ? loadBlas(setting) : loadFirst(), loadWasm()]);
      attachBlas(blas);
      return { backend: 'wasm', version: `${version}, ${blas.name}` };
    },
  },
  wasm: {
    async load() {
      const version = await loadWasm();
      attachOwn();
      return { backend: 'wasm', version };
    },
  },
  cpu: {
    async load() {
      const cpu = await import('@tensorflow/tfjs-backend-cpu');
      return { backend: 'cpu', version: `tfjs-backend-cpu ${cpu.version_cpu} (reference, slow)` };
    },
  },
};

/**
 * WebAssembly reserves gigabytes of addresses, most of which it never uses; where they are limited, the backend would not
 * say why it does not start.
 */
function requireAddresses(): void {
  try {
    new WebAssembly.Memory({ initial: 1 });
  } catch {
    throw new Error('too little memory may be addressed (ulimit -v)');
  }
}

async function loadWasm(): Promise<string> {
  requireAddresses();
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const home = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  wasm.setWasmPaths(join(home, '/'));
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend could not be started');
  refuseExhaustion(tf.backend() as BackendWasm);
  registerFused();
  return `tfjs-backend-wasm ${wasm.version_wasm}`;
}

/**
 * Loads an engine into this process, where it becomes the current tfjs backend, and lets it multiply.
 * @param blas for `wasm+blas`; the first that serves unless given
 */
export async function tryEngine(engine: EngineName, blas?: BlasSetting): Promise<EngineReport> {
  try {
    tf.enableProdMode(); // no banners on the console, no checks that were made already
    const { backend, version, ...limits } = await engines[engine].load(blas);
    if (!(await tf.setBackend(backend))) throw new Error('its backend could not be started');
    await tf.ready();
    checkProduct();
    return { engine, found: true, detail: version, ...limits };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { engine, found: false, detail: message.split('\n')[0] ?? '' };
  }
}

/** A functional probe: a backend that loads but cannot multiply is no backend. */
function checkProduct(): void {
  const found = tf.tidy(
    () => tf.matMul(tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[4], [5], [6]])).dataSync()[0],
  );
  if (found !== 32) throw new Error(`a small matrix product came out as ${found}`);
}
