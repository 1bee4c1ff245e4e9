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
  register(FUSED.turn, ({ inputs, attrs }) => {
    const { x, cosine, sine } = inputs as Named<'x' | 'cosine' | 'sine'>;
    const [rows = 0, width = 0] = x.shape;
    const [angles = 0, depth = 0] = cosine.shape;
    const y = output(x.shape);
    const pairs = [attrs.pairs, attrs.step, attrs.gap].map(Number);
    const sizes = [rows, angles, width / depth, depth, ...pairs];
    code.turn(at(x), at(cosine), at(sine), attrs.back === true, at(y), ...sizes);
    return y;
  });
  register(FUSED.attend, ({ inputs, attrs }) => {
    const { q, k, v, hidden } = inputs as Named<'q' | 'k' | 'v', 'hidden'>;
    const { batch, asking, rows, heads, copies, depth } = attentionSizes(q, k, attrs);
    const [y, p] = [output(q.shape), output([batch, heads, asking, rows])] as const;
    const own = hidden && hidden.shape[0] !== 1 ? asking * rows * Float32Array.BYTES_PER_ELEMENT : 0;
    const given = [at(q), at(k), at(v), at(hidden), own, Number(attrs.scale)];
    code.attend(...given, at(y), at(p), batch, asking, rows, heads, copies, depth);
    return [y, p];
  });
  register(FUSED.attendBack, ({ inputs, attrs }) => {
    const { dy, q, k, v, p } = inputs as Named<'dy' | 'q' | 'k' | 'v' | 'p'>;
    const { batch, asking, rows, heads, copies, depth } = attentionSizes(q, k, attrs);
    const count = Number(attrs.count);
    const [width = 0, memoryWidth = 0] = [q.shape[2], k.shape[2]];
    const dq = output([batch, Math.min(count, asking), width]);
    const [dk, dv] = [output([batch, count, memoryWidth]), output([batch, count, memoryWidth])] as const;
    const room = output([asking, rows]);
    const given = [at(dy), at(q), at(k), at(v), at(p), Number(attrs.scale)];
    const results = [at(dq), at(dk), at(dv), at(room)];
    code.attendBack(...given, ...results, batch, asking, rows, count, heads, copies, depth);
    backend.disposeData(room.dataId);
    return [dq, dk, dv];
  });
  register(FUSED.answer, ({ inputs, attrs }) => {
    const { logits, targets } = inputs as Named<'logits' | 'targets'>;
    const [rows = 0, width = 0] = logits.shape;
    const p = output([rows, 1]);
    const gradient = attrs.gradient === true ? output(logits.shape) : undefined;
    code.answer(at(logits), at(targets), at(p), at(gradient), rows, width);
    return gradient ? [p, gradient] : p;
  });
}

type Named<K extends string, Optional extends string = never> = Record<K, tf.TensorInfo> &
  Partial<Record<Optional, tf.TensorInfo>>;

/** @param q [B, Q, A * D] @param k [B, S, K * D] */
function attentionSizes(q: tf.TensorInfo, k: tf.TensorInfo, attrs: Record<string, unknown>) {
  const [batch = 0, asking = 0, width = 0] = q.shape;
  const [, rows = 0, memoryWidth = 0] = k.shape;
  const heads = Number(attrs.heads);
  return { batch, asking, rows, heads, copies: width / memoryWidth, depth: width / heads };
}

function sizeOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape);
}
