// C += A B^T: every number of C is the product of a row of A and a row of B, four numbers at a time. The rows of a tile are
// far apart, so that each is followed by the one of the next tile: with few rows of A the memory bounds the product, and
// processors fetch ahead what is read in long runs.
import { madd, total } from './arithmetic';
import { Four, One, Three, Two } from './counts';

/**
 * So much of the rows is multiplied at a time: six of them stay in the L1 cache, and as many rows of B in L2. The order of
 * sums depends on the depth.
 */
const DEPTH: usize = 2048;
const ROWS: usize = 64;
/** Rows and columns of a tile at most, whose sums stay in registers. */
const TALL: usize = 4;
const WIDE: usize = 2;

/**
 * C [m, n] += A [m, k] B^T. Strides are in bytes.
 * @param rowA from one row of A to the next, and `stepA` from one number of a row to the next
 * @param b [n, k]
 */
export function inner(
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
  for (let d: usize = 0; d < k; d += DEPTH) {
    const depth = min(DEPTH, k - d);
    const fours = stepA === 4 ? depth & ~3 : 0; // A transposed too is no product of layers: it may be slow
    for (let j: usize = 0; j < n; j += ROWS) {
      const rows = min(ROWS, n - j);
      const x = a + d * stepA;
      const y = b + j * rowB + (d << 2);
      const to = c + (j << 2);
      if (m > WIDE) strip(m, rows, fours, x, rowA, y, rowB, to, rowC, 4);
      else strip(rows, m, fours, y, rowB, x, rowA, to, 4, rowC); // the long side of a tile along that of C
      if (fours < depth) rest(m, rows, depth, fours, x, rowA, stepA, y, rowB, to, rowC);
    }
  }
}

/** C [m, n] += P [m, depth] Q^T, Q [n, depth], with bytes from one row of C to the next, and from one column to the next. */
function strip(
  m: usize,
  n: usize,
  depth: usize,
  p: usize,
  rowP: usize,
  q: usize,
  rowQ: usize,
  c: usize,
  rowC: usize,
  columnC: usize,
): void {
  const tiles = (m + TALL - 1) / TALL;
  const pairs = (n + WIDE - 1) / WIDE;
  for (let i: usize = 0; i < tiles; i++) {
    const tall = (m - i + tiles - 1) / tiles; // nearly equal for all
    const x = p + i * rowP;
    for (let j: usize = 0; j < pairs; j++) {
      const y = q + j * rowQ;
      const to = c + i * rowC + j * columnC;
      const two = j + pairs < n;
      const y2 = two ? y + pairs * rowQ : y;
      const to2 = two ? to + pairs * columnC : 0;
      if (tall === 4) tile<Four>(x, tiles * rowP, y, y2, depth, to, to2, tiles * rowC);
      else if (tall === 3) tile<Three>(x, tiles * rowP, y, y2, depth, to, to2, tiles * rowC);
      else if (tall === 2) tile<Two>(x, tiles * rowP, y, y2, depth, to, to2, tiles * rowC);
      else tile<One>(x, tiles * rowP, y, y2, depth, to, to2, tiles * rowC);
    }
  }
}

/**
 * C [R, 2] += P [R, depth] Q^T, Q [2, depth]. R is a count.
 * @param q the first row of Q, and `q2` the second
 * @param c the first column of C, and `c2` the second, or 0 where there is none
 */
function tile<R>(
  p: usize,
  rowP: usize,
  q: usize,
  q2: usize,
  depth: usize,
  c: usize,
  c2: usize,
  rowC: usize,
): void {
  const R = offsetof<R>();
  let p2 = p + rowP;
  let p3 = p2 + rowP;
  let p4 = p3 + rowP;
  const zero = f32x4.splat(0);
  let left1 = zero;
  let right1 = zero;
  let left2 = zero;
  let right2 = zero;
  let left3 = zero;
  let right3 = zero;
  let left4 = zero;
  let right4 = zero;
  for (const end = q + (depth << 2); q < end; q += 16, q2 += 16) {
    const y = v128.load(q);
    const y2 = v128.load(q2);
    let x = v128.load(p);
    left1 = madd(x, y, left1);
    right1 = madd(x, y2, right1);
    p += 16;
    if (R > 1) {
      x = v128.load(p2);
      left2 = madd(x, y, left2);
      right2 = madd(x, y2, right2);
      p2 += 16;
    }
    if (R > 2) {
      x = v128.load(p3);
      left3 = madd(x, y, left3);
      right3 = madd(x, y2, right3);
      p3 += 16;
    }
    if (R > 3) {
      x = v128.load(p4);
      left4 = madd(x, y, left4);
      right4 = madd(x, y2, right4);
      p4 += 16;
    }
  }
  addColumn<R>(c, rowC, left1, left2, left3, left4);
  if (c2) addColumn<R>(c2, rowC, right1, right2, right3, right4);
}

function addColumn<R>(c: usize, row: usize, first: v128, second: v128, third: v128, fourth: v128): void {
  const R = offsetof<R>();
  addTotal(c, first);
  if (R > 1) addTotal(c + row, second);
  if (R > 2) addTotal(c + 2 * row, third);
  if (R > 3) addTotal(c + 3 * row, fourth);
}

function addTotal(c: usize, four: v128): void {
  store<f32>(c, load<f32>(c) + total(four));
}

/** What is left of the depth, from `begin` on, number by number. */
function rest(
  m: usize,
  n: usize,
  depth: usize,
  begin: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  c: usize,
  rowC: usize,
): void {
  for (let i: usize = 0; i < m; i++) {
    for (let j: usize = 0; j < n; j++) {
      const place = c + i * rowC + (j << 2);
      let sum = load<f32>(place);
      for (let d = begin; d < depth; d++) {
        sum += load<f32>(a + i * rowA + d * stepA) * load<f32>(b + j * rowB + (d << 2));
      }
      store<f32>(place, sum);
    }
  }
}
