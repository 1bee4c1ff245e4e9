// Steps of layers that the wasm backend does at once: kernels of our own (assembly/) on the backend's own memory.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { FUSED } from '../../../lm/layers/fused.js';
import { codeOf } from './code.js';

interface Call {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
}

/**
 * Gives the wasm backend, which must be the current one, its kernels; once is enough.
 * @throws Error when the backend's memory cannot be had
 */
export function registerFused(): void {
  if (tf.getKernel(FUSED.activate, 'wasm')) return;
  const backend = tf.backend() as BackendWasm;
  const code = codeOf(backend);
  /** An address; 0 where there is no tensor. */
  const at = (tensor?: tf.TensorInfo) => (tensor ? backend.getMemoryOffset(tensor.dataId) : 0);
  const output = (shape: number[]) => backend.makeOutput(shape, 'float32');
  const register = (kernelName: string, run: (call: Call) => tf.TensorInfo | tf.TensorInfo[]) =>
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) =>
        run({ inputs: inputs as Call['inputs'], attrs: attrs as Call['attrs'] }),
    });

  register(FUSED.activate, ({ inputs, attrs }) => {
    const { z, up } = inputs as Named<'z', 'up'>;
    const y = output(z.shape);
    code.activate(at(z), at(up), 0, at(y), 0, sizeOf(z), Number(attrs.kind));
    return y;
  });
  register(FUSED.activateBack, ({ inputs, attrs }) => {
    const { dy, z, up } = inputs as Named<'dy' | 'z', 'up'>;
    const dz = output(z.shape);
    const dup = up && output(z.shape);
    code.activate(at(z), at(dy), at(up), at(dup), at(dz), sizeOf(z), Number(attrs.kind));
    return dup ? [dz, dup] : dz;
  });
  register(FUSED.normalise, ({ inputs, attrs }) => {
    const { x, weight, bias } = inputs as Named<'x' | 'weight', 'bias'>;
    const [rows = 0, width = 0] = x.shape;
    const [y, unit, inverse] = [output(x.shape), output(x.shape), output([rows, 1])] as const;
    const given = [at(x), at(weight), at(bias), Number(attrs.offset), Number(attrs.epsilon)];
    code.normalise(...given, attrs.centred === true, at(y), at(unit), at(inverse), rows, width);
    return [y, unit, inverse];
  });
  register(FUSED.normaliseBack, ({ inputs, attrs }) => {
    const { dy, weight, unit, inverse } = inputs as Named<'dy' | 'weight' | 'unit' | 'inverse'>;
    const [rows = 0, width = 0] = dy.shape;
    const dx = output(dy.shape);
    const given = [at(dy), at(weight), at(unit), at(inverse), Number(attrs.offset)];
    code.normaliseBack(...given, attrs.centred === true, at(dx), rows, width);
    return dx;
  });
}

type Named<K extends string, Optional extends string = never> = Record<K, tf.TensorInfo> &
  Partial<Record<Optional, tf.TensorInfo>>;

function sizeOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape);
}
