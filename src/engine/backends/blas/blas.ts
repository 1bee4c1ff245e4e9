// What a BLAS is to those who multiply with it, and how one of them is named between threads and processes.
import { z } from 'zod';

/** C = op(A) op(B) + beta C, row-major; op is the identity or the transpose. Matrices lie in buffers of the caller. */
export interface Product {
  m: number;
  n: number;
  k: number;
  /** [m, k], or [k, m] where transposed. */
  a: Float32Array;
  /** Values from the start of a row, as it lies there, to the start of the next. */
  lda: number;
  transposeA: boolean;
  /** [k, n], or [n, k] where transposed. */
  b: Float32Array;
  ldb: number;
  transposeB: boolean;
  /** [m, n] */
  c: Float32Array;
  ldc: number;
  beta: 0 | 1;
}

export interface Blas {
  /** Library, version and kernel set, as far as it tells. */
  name: string;
  multiply(product: Product): void;
}

export const LIBRARIES = ['OpenBLAS', 'MKL', 'BLIS', 'Accelerate'] as const;
export type Library = (typeof LIBRARIES)[number];

/** A library, and the kernels that it is to use. */
export const blasSetting = z.object({
  library: z.enum(LIBRARIES),
  path: z.string(),
  /** What OPENBLAS_CORETYPE is while the library is loaded; null where it is not set, and OpenBLAS looks for itself. */
  coreType: z.string().nullable(),
});
export type BlasSetting = z.infer<typeof blasSetting>;
