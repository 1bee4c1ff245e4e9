// Tensors of the wasm backend as views of its memory. Views do not outlive the next tensor: memory that grows is another.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { memoryOf } from './memory.js';

export function viewOf(backend: BackendWasm, { dataId, shape }: tf.TensorInfo): Float32Array {
  const { buffer } = memoryOf(backend);
  return new Float32Array(buffer, backend.getMemoryOffset(dataId), tf.util.sizeFromShape(shape));
}

/** A new tensor [..., n] with a bias [n] in every row, or with zeros. */
export function beginProduct(backend: BackendWasm, shape: number[], bias?: tf.TensorInfo): tf.TensorInfo {
  const out = backend.makeOutput(shape, 'float32');
  const values = viewOf(backend, out);
  if (!bias) values.fill(0);
  else
    for (let at = 0, row = viewOf(backend, bias); at < values.length; at += row.length) values.set(row, at);
  return out;
}
