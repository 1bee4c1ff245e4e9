// Who multiplies matrices in the memory of the wasm backend: our own code, or a BLAS.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Blas } from '../blas/blas.js';
import { codeOf } from './code.js';

/** Matrices, one a batch, in a part of some memory that begins with the first value of the first. */
export interface Matrices {
  values: Float32Array;
  /** Values from the start of a row, as it lies there, to the start of the next. */
  row: number;
  /** Values from the start of a matrix to the start of the next; 0 where all batches have the same. */
  batch: number;
}

/** C += op(A) op(B) for every batch; op is the transpose or nothing. */
export interface HeapProduct {
  batches: number;
  m: number;
  n: number;
  k: number;
  /** [m, k], or [k, m] where transposed. */
  a: Matrices;
  transposeA: boolean;
  /** [k, n], or [n, k] where transposed. */
  b: Matrices;
  transposeB: boolean;
  /** [m, n] */
  c: Matrices;
}

export interface Multiplier {
  multiply(product: HeapProduct): void;
  /** Whether B may lie outside the backend's memory. */
  readsAnywhere: boolean;
}

/** Our own code (assembly/product.ts). */
export function ownMultiplier(backend: BackendWasm, code = codeOf(backend)): Multiplier {
  const place = ({ values, row, batch }: Matrices) => [values.byteOffset, row, batch] as const;
  return {
    multiply({ batches, m, n, k, a, transposeA, b, transposeB, c }) {
      code.multiply(batches, m, n, k, ...place(a), transposeA, ...place(b), transposeB, ...place(c));
    },
    readsAnywhere: false,
  };
}

export function blasMultiplier(blas: Blas): Multiplier {
  return {
    multiply({ batches, m, n, k, a, transposeA, b, transposeB, c }) {
      for (let i = 0; i < batches; i++) {
        blas.multiply({
          m,
          n,
          k,
          a: a.values.subarray(i * a.batch),
          lda: a.row,
          transposeA,
          b: b.values.subarray(i * b.batch),
          ldb: b.row,
          transposeB,
          c: c.values.subarray(i * c.batch),
          ldc: c.row,
          beta: 1,
        });
      }
    },
    readsAnywhere: true,
  };
}
