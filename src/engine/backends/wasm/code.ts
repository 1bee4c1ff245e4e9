// Our own code (../../assembly/) on the memory of the wasm backend: it has no data of its own there, and needs none.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { memoryOf } from './memory.js';

/** Files made of the same source: with relaxed SIMD, which not every engine knows, and without. */
export const MODULES = { relaxed: 'assembly-relaxed.wasm', plain: 'assembly.wasm' } as const;

const NAMES = [
  'activate',
  'answer',
  'attend',
  'attendBack',
  'expand',
  'multiply',
  'normalise',
  'normaliseBack',
  'turn',
] as const;

/** Take addresses, sizes and flags, in the order of the functions in assembly/. */
export type Code = Record<(typeof NAMES)[number], (...values: (number | boolean)[]) => void>;

const loaded = new WeakMap<BackendWasm, Code>();

/**
 * The best that this engine runs, on the memory of the backend.
 * @throws Error when that memory cannot be had
 */
export function codeOf(backend: BackendWasm): Code {
  const code = loaded.get(backend) ?? loadCode(knowsRelaxed() ? 'relaxed' : 'plain', memoryOf(backend));
  loaded.set(backend, code);
  return code;
}

export function loadCode(kind: keyof typeof MODULES, memory: WebAssembly.Memory): Code {
  const module = new WebAssembly.Module(readFileSync(pathOf(kind)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  for (const name of NAMES) {
    if (typeof exports[name] !== 'function') {
      throw new Error(`${pathOf(kind).pathname}: ${name} is missing; build it again`);
    }
  }
  return exports as Code;
}

/** Whether relaxed SIMD may be used. V8 has had it behind a flag before it was standard (Node 20). */
export function knowsRelaxed(): boolean {
  const code = readFileSync(pathOf('relaxed'));
  if (WebAssembly.validate(code)) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(code);
}

/** From the root of the package, so that the sources find it too. */
function pathOf(kind: keyof typeof MODULES): URL {
  return new URL(`../../../../dist/engine/${MODULES[kind]}`, import.meta.url);
}
