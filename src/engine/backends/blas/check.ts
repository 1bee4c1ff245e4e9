// Whether a BLAS computes right numbers: old builds have kernels that do not, on processors that are newer than they are.
import { largest } from '../../../numbers.js';
import { seeded } from '../../../random.js';
import type { Blas, Product } from './blas.js';

/** Products of numbers below 1, of a thousand terms: rounding is below a hundredth of this. */
const TOLERANCE = 1e-3;
/** Entries of a product that are compared, and the step from one to the next: a prime, which meets every row and column. */
const [ENTRIES, STEP] = [1000, 7919];
/** [m, k, n]: one row, sizes that fill no register, a prompt, and the nodes of a layer in a model of BERT's size. */
const SHAPES = [
  [1, 768, 768],
  [7, 67, 131],
  [15, 768, 768],
  [300, 768, 3072],
] as const;
const ORIENTATIONS = [
  [false, false],
  [false, true],
  [true, false],
] as const;

/**
 * Multiplies matrices in each orientation, with and without what is there added, and compares entries all over the product
 * with sums in double precision.
 * @returns what is wrong; undefined where nothing is
 */
export function checkNumbers(blas: Blas): string | undefined {
  const random = seeded(1);
  const matrix = (size: number) => Float32Array.from({ length: size }, () => 2 * random() - 1);
  for (const [m, k, n] of SHAPES) {
    const [a, b, given] = [matrix(m * k), matrix(k * n), matrix(m * n)];
    for (const [transposeA, transposeB] of ORIENTATIONS) {
      for (const beta of [0, 1] as const) {
        const [lda, ldb, ldc] = [transposeA ? m : k, transposeB ? k : n, n];
        const product = { m, n, k, a, lda, transposeA, b, ldb, transposeB, c: given.slice(), ldc, beta };
        blas.multiply(product);
        const worst = worstOf(product, given);
        if (worst < TOLERANCE) continue;
        return `computes wrong numbers: a product of ${m}x${k} with ${k}x${n} is off by ${worst.toPrecision(2)}`;
      }
    }
  }
  return undefined;
}

/** How far a product is off, NaN where it is that. @param given what was in its place */
function worstOf({ m, n, k, a, transposeA, b, transposeB, c, beta }: Product, given: Float32Array): number {
  const entries = Array.from({ length: Math.min(m * n, ENTRIES) }, (_, i) => (i * STEP) % (m * n));
  return largest(
    entries.map((entry) => {
      const [row, column] = [Math.floor(entry / n), entry % n];
      let sum = beta * (given[entry] ?? 0);
      for (let i = 0; i < k; i++) {
        const left = a[transposeA ? i * m + row : row * k + i] ?? 0;
        sum += left * (b[transposeB ? column * k + i : i * n + column] ?? 0);
      }
      return Math.abs((c[entry] ?? 0) - sum);
    }),
  );
}
