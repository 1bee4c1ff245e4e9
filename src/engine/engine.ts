// Choosing and preparing the tensor backend. The only place that knows which engines exist.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { SLOW_TRANSPOSED } from '../lm/layers/linear.js';
import { ENGINES } from '../spec/choices.js';
import { findBlas } from './blas.js';
import { measureProducts } from './measure.js';
import { attachBlas, detachBlas } from './wasm-products.js';

export type EngineName = (typeof ENGINES)[number];
export type EngineChoice = EngineName | 'auto';

/** What was found of one engine. */
export interface EngineReport {
  engine: EngineName;
  found: boolean;
  /** Version where found, reason where not. */
  detail: string;
  /** Billions of floating-point operations a second in matrix products, where that was measured. */
  gflops?: number | undefined;
}

interface Engine {
  /** Registers the backend. @returns its name in tfjs, and a version @throws when it is not to be had */
  load(): Promise<{ backend: string; version: string }>;
}

const require = createRequire(import.meta.url);

const engines: Record<EngineName, Engine> = {
  'tensorflow-gpu': { load: () => loadNative('@tensorflow/tfjs-node-gpu') },
  tensorflow: { load: () => loadNative('@tensorflow/tfjs-node') },
  'wasm+blas': {
    async load() {
      const [blas, version] = await Promise.all([findBlas(), loadWasm()]);
      if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend could not be started');
      attachBlas(blas);
      return { backend: 'wasm', version: `${version}, ${blas.name}` };
    },
  },
  wasm: {
    async load() {
      const version = await loadWasm();
      detachBlas();
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

async function loadWasm(): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const home = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  wasm.setWasmPaths(join(home, '/'));
  return `tfjs-backend-wasm ${wasm.version_wasm}`;
}

/** The native packages are optional: a name in a variable keeps the compiler from asking for them. */
async function loadNative(name: string): Promise<{ backend: string; version: string }> {
  await import(name);
  const { version } = require(`${name}/package.json`) as { version: unknown };
  return { backend: 'tensorflow', version: `${name} ${String(version)}` };
}

/**
 * Makes an engine the current tfjs backend and checks that it can multiply.
 * @returns the engine that is in use now
 * @throws InputError when the engine asked for is not to be had
 */
export async function prepareEngine(choice: EngineChoice): Promise<EngineReport> {
  const candidates = choice === 'auto' ? ENGINES.filter((name) => name !== 'cpu') : [choice];
  const failures: string[] = [];
  for (const engine of candidates) {
    const report = await tryEngine(engine);
    if (report.found) return report;
    failures.push(`${engine}: ${report.detail}`);
  }
  throw new InputError(`--engine ${choice}: not to be had (${failures.join('; ')}); try --engine wasm`);
}

/** What `kn-edit doctor` tells: every engine, how fast it is or why it was not found. Leaves the last one found as the backend. */
export async function inspectEngines(): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const engine of ENGINES) {
    const report = await tryEngine(engine);
    reports.push(report.found ? { ...report, gflops: measureProducts() } : report);
  }
  return reports;
}

async function tryEngine(engine: EngineName): Promise<EngineReport> {
  try {
    tf.enableProdMode(); // no banners on the console, no checks that were made already
    const { backend, version } = await engines[engine].load();
    if (!(await tf.setBackend(backend))) throw new Error('its backend could not be started');
    await tf.ready();
    tf.env().set(SLOW_TRANSPOSED, engine === 'wasm');
    checkProduct();
    return { engine, found: true, detail: version };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    return { engine, found: false, detail: missing ? 'not installed' : (message.split('\n')[0] ?? '') };
  }
}

/** A functional probe: a backend that loads but cannot multiply is no backend. */
function checkProduct(): void {
  const found = tf.tidy(
    () => tf.matMul(tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[4], [5], [6]])).dataSync()[0],
  );
  if (found !== 32) throw new Error(`a small matrix product came out as ${found}`);
}
