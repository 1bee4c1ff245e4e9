// Matrix products of the wasm backend, done by our own code or by a BLAS on the backend's own memory: nothing is copied.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { largest } from '../../../numbers.js';
import type { Blas } from '../blas/blas.js';
import { replaceKernels } from '../replace-kernels.js';
import type { Code } from './code.js';
import { blasMultiplier, type Multiplier, ownMultiplier } from './multiplier.js';
import { registerStoredProducts } from './stored-products.js';
import { beginProduct, viewOf } from './tensors.js';

const KERNELS = ['BatchMatMul', '_FusedMatMul'] as const;

/** The backend's own kernels, kept while others stand in their place. */
let kernels: tf.KernelConfig[] | undefined;

/**
 * From now on, products on the wasm backend, which must be the current one, go through our own code.
 * @param code the best that this engine runs unless given
 * @throws Error when they are not those of the backend's own kernels, which then stay in place
 */
export function attachOwn(code?: Code): void {
  attach(ownMultiplier(tf.backend() as BackendWasm, code), "the engine's own code");
}

/**
 * From now on, products on the wasm backend, which must be the current one, go through the BLAS.
 * @throws Error when they are not those of the backend's own kernels, which then stay in place
 */
export function attachBlas(blas: Blas): void {
  attach(blasMultiplier(blas), blas.name);
}

function attach(multiplier: Multiplier, name: string): void {
  detach();
  const expected = sampleProducts();
  install(multiplier);
  const found = sampleProducts();
  const worst = largest(expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))));
  if (worst < 1e-4) return;
  detach();
  throw new Error(`${name}: a small matrix product is off by ${worst}`);
}

/** Small products of every kind that is used: batched or not, transposed on either side, with and without a bias. */
function sampleProducts(): number[] {
  return tf.tidy(() => {
    const random = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);
    const [a, b] = [random([2, 3, 5], 1), random([2, 5, 7], 2)];
    const [aT, bT] = [tf.transpose(a, [0, 2, 1]), tf.transpose(b, [0, 2, 1])];
    const [x, w] = [random([3, 5], 3) as tf.Tensor2D, random([5, 7], 4) as tf.Tensor2D];
    const products = [
      tf.matMul(a, b),
      tf.matMul(aT, b, true, false),
      tf.matMul(a, bT, false, true),
      tf.matMul(x, w),
      tf.fused.matMul({ a: x, b: w, bias: random([7], 5) as tf.Tensor1D }),
    ];
    return products.flatMap((product) => [...product.dataSync()]);
  });
}

function install(multiplier: Multiplier): void {
  kernels ??= KERNELS.map((name) => tf.getKernel(name, 'wasm'));
  const [plain, fused] = kernels;
  if (!plain || !fused) throw new Error('the wasm backend has no matrix product');
  replaceKernels([
    { ...plain, kernelFunc: (call) => batchMatMul(multiplier, call as ProductCall) },
    {
      ...fused,
      kernelFunc: (call) => {
        const { activation } = (call as ProductCall).attrs;
        return activation && activation !== 'linear'
          ? fused.kernelFunc(call)
          : batchMatMul(multiplier, call as ProductCall);
      },
    },
  ]);
  registerStoredProducts(multiplier);
}

/** Puts the backend's own kernels back. */
export function detach(): void {
  if (kernels) replaceKernels(kernels);
}

interface ProductCall {
  inputs: { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean; activation?: string };
  backend: BackendWasm;
}

/** a [..., m, k] times b [..., k, n], each transposed where it says so; leading dimensions are equal, or 1 for one of them. */
function batchMatMul(multiplier: Multiplier, { inputs, attrs, backend }: ProductCall): tf.TensorInfo {
  const { a, b, bias } = inputs;
  const { transposeA, transposeB } = attrs;
  const [rowsA = 1, columnsA = 1] = a.shape.slice(-2);
  const [rowsB = 1, columnsB = 1] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const batches = tf.util.sizeFromShape(outer);
  const out = beginProduct(backend, [...outer, m, n], bias);
  const step = (info: tf.TensorInfo, size: number) => (tf.util.sizeFromShape(info.shape) === size ? 0 : size);
  multiplier.multiply({
    batches,
    m,
    n,
    k,
    a: { values: viewOf(backend, a), row: columnsA, batch: step(a, m * k) },
    transposeA,
    b: { values: viewOf(backend, b), row: columnsB, batch: step(b, k * n) },
    transposeB,
    c: { values: viewOf(backend, out), row: n, batch: m * n },
  });
  return out;
}
