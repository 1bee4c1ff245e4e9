// Products of a few rows, which read a matrix as it lies: packing it would cost more than the product.
import { madd } from './arithmetic';

/** Columns of B that all rows of A meet before the next ones: 8 rows of them stay in the L1 cache. */
const COLUMNS: usize = 512;

/**
 * C [m, n] += A B, with n a multiple of four. All strides are in bytes.
 * @param a [m, k], with `rowA` from row to row, and `stepA` from one number of a row to the next
 * @param b [k, n]
 */
export function multiplyFew(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
): void {
  const columns = m > 1 ? COLUMNS : n;
  const whole = k & ~7;
  for (let d: usize = 0; d < k; d += d < whole ? 8 : 1) {
    const deep = b + d * rowB;
    for (let j: usize = 0; j < n; j += columns) {
      const width = min(columns, n - j);
      for (let i: usize = 0; i < m; i++) {
        const x = a + i * rowA + d * stepA;
        const y = c + i * rowC + (j << 2);
        if (d < whole) addEight(x, stepA, deep + (j << 2), rowB, y, width);
        else addOne(x, deep + (j << 2), y, width);
      }
    }
  }
}

/** y [width] += x [8] B [8, width], in the order of the rows of B. */
function addEight(x: usize, step: usize, b: usize, row: usize, y: usize, width: usize): void {
  const x1 = v128.load_splat<f32>(x);
  const x2 = v128.load_splat<f32>(x + step);
  const x3 = v128.load_splat<f32>(x + 2 * step);
  const x4 = v128.load_splat<f32>(x + 3 * step);
  const x5 = v128.load_splat<f32>(x + 4 * step);
  const x6 = v128.load_splat<f32>(x + 5 * step);
  const x7 = v128.load_splat<f32>(x + 6 * step);
  const x8 = v128.load_splat<f32>(x + 7 * step);
  for (const end = y + (width << 2); y < end; y += 16, b += 16) {
    let sum = madd(x1, v128.load(b), v128.load(y));
    sum = madd(x2, v128.load(b + row), sum);
    sum = madd(x3, v128.load(b + 2 * row), sum);
    sum = madd(x4, v128.load(b + 3 * row), sum);
    sum = madd(x5, v128.load(b + 4 * row), sum);
    sum = madd(x6, v128.load(b + 5 * row), sum);
    sum = madd(x7, v128.load(b + 6 * row), sum);
    v128.store(y, madd(x8, v128.load(b + 7 * row), sum));
  }
}

/** y [width] += x B [1, width] */
function addOne(x: usize, b: usize, y: usize, width: usize): void {
  const x1 = v128.load_splat<f32>(x);
  for (const end = y + (width << 2); y < end; y += 16, b += 16) {
    v128.store(y, madd(x1, v128.load(b), v128.load(y)));
  }
}
