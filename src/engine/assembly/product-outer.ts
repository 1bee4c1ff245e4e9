// C += A B, row by row of B, which is read as it lies: packing it would gain nothing, and with few rows of A would cost
// more than the product.
import { madd } from './arithmetic';
import { Four, One, Two } from './counts';

/** A block of C stays in the L2 cache while all of B that belongs to it passes: values, and rows at most. */
const BLOCK: usize = 1 << 16;
const BLOCK_ROWS: usize = 128;

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
    for (let j: usize = 0; j < fours; j += columns) {
      const at = j << 2;
      block(
        rows,
        min(columns, fours - j),
        k,
        a + i * rowA,
        rowA,
        stepA,
        b + at,
        rowB,
        c + i * rowC + at,
        rowC,
      );
    }
  }
  for (let i: usize = 0; i < m; i++) {
    for (let j = fours; j < n; j++) {
      const place = c + i * rowC + (j << 2);
      let sum = load<f32>(place);
      for (let d: usize = 0; d < k; d++) {
        sum += load<f32>(a + i * rowA + d * stepA) * load<f32>(b + d * rowB + (j << 2));
      }
      store<f32>(place, sum);
    }
  }
}

/** The same, with n a multiple of four. */
function block(
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
  const fours = k & ~3;
  const pairs = m & ~1;
  for (let d: usize = 0; d < k; d += d < fours ? 4 : 1) {
    const x = a + d * stepA;
    const y = b + d * rowB;
    for (let i: usize = 0; i < m; i += i < pairs ? 2 : 1) {
      const from = x + i * rowA;
      const to = c + i * rowC;
      if (d < fours) {
        if (i < pairs) sweep<Two, Four>(from, rowA, stepA, y, rowB, to, rowC, n);
        else sweep<One, Four>(from, rowA, stepA, y, rowB, to, rowC, n);
      } else {
        if (i < pairs) sweep<Two, One>(from, rowA, stepA, y, rowB, to, rowC, n);
        else sweep<One, One>(from, rowA, stepA, y, rowB, to, rowC, n);
      }
    }
  }
}

/** Y [R, n] += X [R, D] B [D, n]: X stays in registers. R and D are counts. */
function sweep<R, D>(
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
  const x1 = v128.load_splat<f32>(x);
  const x2 = D > 1 ? v128.load_splat<f32>(x + stepX) : x1;
  const x3 = D > 2 ? v128.load_splat<f32>(x + 2 * stepX) : x1;
  const x4 = D > 3 ? v128.load_splat<f32>(x + 3 * stepX) : x1;
  x += rowX;
  const z1 = R > 1 ? v128.load_splat<f32>(x) : x1;
  const z2 = R > 1 && D > 1 ? v128.load_splat<f32>(x + stepX) : x1;
  const z3 = R > 1 && D > 2 ? v128.load_splat<f32>(x + 2 * stepX) : x1;
  const z4 = R > 1 && D > 3 ? v128.load_splat<f32>(x + 3 * stepX) : x1;
  for (const end = y + (n << 2); y < end; y += 16, b += 16) {
    let row = v128.load(b);
    let sum = madd(x1, row, v128.load(y));
    let under = R > 1 ? madd(z1, row, v128.load(y + rowY)) : sum;
    if (D > 1) {
      row = v128.load(b + rowB);
      sum = madd(x2, row, sum);
      if (R > 1) under = madd(z2, row, under);
      row = v128.load(b + 2 * rowB);
      sum = madd(x3, row, sum);
      if (R > 1) under = madd(z3, row, under);
      row = v128.load(b + 3 * rowB);
      sum = madd(x4, row, sum);
      if (R > 1) under = madd(z4, row, under);
    }
    v128.store(y, sum);
    if (R > 1) v128.store(y + rowY, under);
  }
}
