// Steps of layers that the wasm backend does at once: kernels of our own (assembly/) on the backend's own memory.
import { readFileSync } from 'node:fs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { FUSED } from '../lm/layers/fused.js';
import { memoryOf } from './wasm-memory.js';

/** From the root of the package, so that the sources find it too. */
const CODE = new URL('../../dist/engine/fused.wasm', import.meta.url);

/** Takes the addresses of tensors, sizes and flags, in the order of the functions in assembly/. */
type Code = (...values: (number | boolean)[]) => void;

interface Call {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
}

/**
 * Gives the wasm backend, which must be the current one, its kernels; once is enough.
 * @throws Error when the backend's memory cannot be had
 */
export function registerFused(): void {
  if (tf.getKernel(FUSED.gelu, 'wasm')) return;
  const backend = tf.backend() as BackendWasm;
  const code = load(backend);
  const at = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
  const output = (shape: number[]) => backend.makeOutput(shape, 'float32');
  const register = (kernelName: string, run: (call: Call) => tf.TensorInfo | tf.TensorInfo[]) =>
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) =>
        run({ inputs: inputs as Call['inputs'], attrs: attrs as Call['attrs'] }),
    });

  register(FUSED.gelu, ({ inputs, attrs }) => {
    const { x } = inputs as Named<'x'>;
    const y = output(x.shape);
    code.gelu(at(x), at(y), sizeOf(x), attrs.exact === true);
    return y;
  });
  register(FUSED.geluBack, ({ inputs, attrs }) => {
    const { x, dy } = inputs as Named<'x' | 'dy'>;
    const dx = output(x.shape);
    code.geluBack(at(x), at(dy), at(dx), sizeOf(x), attrs.exact === true);
    return dx;
  });
  register(FUSED.layerNorm, ({ inputs, attrs }) => {
    const { x, gamma, beta } = inputs as Named<'x' | 'gamma' | 'beta'>;
    const [rows = 0, width = 0] = x.shape;
    const [y, unit, inverse] = [output(x.shape), output(x.shape), output([rows, 1])] as const;
    const epsilon = Number(attrs.epsilon);
    code.layerNorm(at(x), at(gamma), at(beta), epsilon, at(y), at(unit), at(inverse), rows, width);
    return [y, unit, inverse];
  });
  register(FUSED.layerNormBack, ({ inputs }) => {
    const { dy, gamma, unit, inverse } = inputs as Named<'dy' | 'gamma' | 'unit' | 'inverse'>;
    const [rows = 0, width = 0] = dy.shape;
    const dx = output(dy.shape);
    code.layerNormBack(at(dy), at(gamma), at(unit), at(inverse), at(dx), rows, width);
    return dx;
  });
}

type Named<K extends string> = Record<K, tf.TensorInfo>;

function sizeOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape);
}

/** Our code, on the memory of the backend: it has no data of its own there, and needs none. */
function load(backend: BackendWasm): Record<keyof typeof FUSED, Code> {
  const module = new WebAssembly.Module(readFileSync(CODE));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memoryOf(backend) } });
  const find = (name: keyof typeof FUSED): Code => {
    const code = exports[name];
    if (typeof code !== 'function') throw new Error(`${CODE.pathname}: ${name} is missing; build it again`);
    return code as Code;
  };
  return {
    gelu: find('gelu'),
    geluBack: find('geluBack'),
    layerNorm: find('layerNorm'),
    layerNormBack: find('layerNormBack'),
  };
}
