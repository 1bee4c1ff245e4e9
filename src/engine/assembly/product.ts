// Matrix products C += A B and C += A B^T. Every number of C is summed up in an order that depends on the depth alone: not
// on how many rows and columns there are, nor on how a caller divides them. So products by parts of a matrix equal the
// product by the whole.
import { inner } from './product-inner';
import { outer } from './product-outer';

/**
 * C [batches, m, n] += A B. Strides are numbers of values: `rowX` from one row of X, as it lies there, to the next;
 * `batchX` from one batch to the next.
 * @param a [batches, m, k], or [batches, k, m] where transposed
 * @param b [batches, k, n], or [batches, n, k] where transposed
 */
export function multiply(
  batches: i32,
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  batchA: usize,
  transposeA: bool,
  b: usize,
  rowB: usize,
  batchB: usize,
  transposeB: bool,
  c: usize,
  rowC: usize,
  batchC: usize,
): void {
  const row: usize = transposeA ? 4 : rowA << 2;
  const step: usize = transposeA ? rowA << 2 : 4;
  for (let i = 0; i < batches; i++) {
    if (transposeB) inner(m, n, k, a, row, step, b, rowB << 2, c, rowC << 2);
    else outer(m, n, k, a, row, step, b, rowB << 2, c, rowC << 2);
    a += batchA << 2;
    b += batchB << 2;
    c += batchC << 2;
  }
}
