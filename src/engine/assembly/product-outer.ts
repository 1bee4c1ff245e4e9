// C += A B. B is read as it lies: packing it would gain nothing, and with few rows of A would cost more than the product.
// With few rows the memory bounds it, and processors fetch ahead what is read in long runs: so the rows of B that are
// added up together are far apart, and each of the runs goes on with the next row.
import { madd, read, write } from './arithmetic';
import { Four, One, Two } from './counts';

/** A block of C stays in the L2 cache while all of B that belongs to it passes: values, and rows at most. */
const BLOCK: usize = 1 << 16;
const BLOCK_ROWS: usize = 128;
/**
 * Rows of B that are read in four runs, each a quarter of them. The order of sums depends on it. It is also the depth of
 * products with panels of stored matrices, and no power of two, at which OpenBLAS is slower.
 */
const DEPTH: usize = 96;
/** Columns of these four rows that stay in the L1 cache for all rows of A. */
const COLUMNS: usize = 256;

/**
 * C [m, n] += A [m, k] B [k, n]. Strides are in bytes.
 * @param rowA from one row of A to the next, and `stepA` from one number of a row to the next
 */
export function outer(
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
  const fours = n & ~3;
  for (let i: usize = 0, rows: usize = 0; i < m; i += rows) {
    rows = min(BLOCK_ROWS, m - i);
    const columns = (BLOCK / rows) & ~3;
    const x = a + i * rowA;
    const to = c + i * rowC;
    for (let j: usize = 0; j < fours; j += columns) {
      const at = j << 2;
      block<Four>(rows, min(columns, fours - j), k, x, rowA, stepA, b + at, rowB, to + at, rowC);
    }
    const at = fours << 2;
    if (fours < n) block<One>(rows, n - fours, k, x, rowA, stepA, b + at, rowB, to + at, rowC);
  }
}

/** The same, with n a multiple of the count W. */
function block<W>(
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
  for (let depth: usize = 0; k > 0; k -= depth) {
    depth = min(DEPTH, k);
    const run = depth >> 2;
    for (let d: usize = 0; d < run; d++, a += stepA, b += rowB) {
      slab<Four, W>(m, n, a, rowA, run * stepA, b, run * rowB, c, rowC);
    }
    a += 3 * run * stepA;
    b += 3 * run * rowB;
    for (let d: usize = run << 2; d < depth; d++, a += stepA, b += rowB) {
      slab<One, W>(m, n, a, rowA, stepA, b, rowB, c, rowC);
    }
  }
}

/** C [m, n] += A [m, D] B [D, n]. D is a count, and n a multiple of the count W. */
function slab<D, W>(
  m: usize,
  n: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
): void {
  for (let columns: usize = 0; n > 0; n -= columns) {
    columns = min(COLUMNS, n);
    let x = a;
    let y = c;
    for (let left = m; left > 1; left -= 2, x += 2 * rowA, y += 2 * rowC) {
      sweep<Two, D, W>(x, rowA, stepA, b, rowB, y, rowC, columns);
    }
    if (m & 1) sweep<One, D, W>(x, rowA, stepA, b, rowB, y, rowC, columns);
    b += columns << 2;
    c += columns << 2;
  }
}

/** Y [R, n] += X [R, D] B [D, n], W columns at a time: X stays in registers. R, D and W are counts. */
function sweep<R, D, W>(
  x: usize,
  rowX: usize,
  stepX: usize,
  b: usize,
  rowB: usize,
  y: usize,
  rowY: usize,
  n: usize,
): void {
  const R = offsetof<R>();
  const D = offsetof<D>();
  const W = offsetof<W>();
  const four = W === 4;
  const x1 = v128.load_splat<f32>(x);
  const x2 = D > 1 ? v128.load_splat<f32>(x + stepX) : x1;
  const x3 = D > 2 ? v128.load_splat<f32>(x + 2 * stepX) : x1;
  const x4 = D > 3 ? v128.load_splat<f32>(x + 3 * stepX) : x1;
  x += rowX;
  const z1 = R > 1 ? v128.load_splat<f32>(x) : x1;
  const z2 = R > 1 && D > 1 ? v128.load_splat<f32>(x + stepX) : x1;
  const z3 = R > 1 && D > 2 ? v128.load_splat<f32>(x + 2 * stepX) : x1;
  const z4 = R > 1 && D > 3 ? v128.load_splat<f32>(x + 3 * stepX) : x1;
  for (const end = y + (n << 2); y < end; y += W << 2, b += W << 2) {
    let row = read(b, four);
    let sum = madd(x1, row, read(y, four));
    let under = R > 1 ? madd(z1, row, read(y + rowY, four)) : sum;
    if (D > 1) {
      row = read(b + rowB, four);
      sum = madd(x2, row, sum);
      if (R > 1) under = madd(z2, row, under);
      row = read(b + 2 * rowB, four);
      sum = madd(x3, row, sum);
      if (R > 1) under = madd(z3, row, under);
      row = read(b + 3 * rowB, four);
      sum = madd(x4, row, sum);
      if (R > 1) under = madd(z4, row, under);
    }
    write(y, sum, four);
    if (R > 1) write(y + rowY, under, four);
  }
}
