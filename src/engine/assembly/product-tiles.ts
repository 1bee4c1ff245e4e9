// The innermost loops of matrix products: a tile of the result stays in registers while the depth k is run through.
// Of the 15 registers of x86-64 that an engine gives to code, 12 hold the tile, the others what is multiplied.
import { madd, total } from './arithmetic';

/** Rows of a tile, as types: a function of them is compiled once for each. Their number is their size. */
class Rows1 {
  row1: u8 = 0;
}
class Rows2 extends Rows1 {
  row2: u8 = 0;
}
class Rows3 extends Rows2 {
  row3: u8 = 0;
}
class Rows4 extends Rows3 {
  row4: u8 = 0;
}
class Rows5 extends Rows4 {
  row5: u8 = 0;
}
class Rows6 extends Rows5 {
  row6: u8 = 0;
}

/**
 * C [rows, 8] += A B, from packed panels.
 * @param a [depth, rows]
 * @param b [depth, 8]
 * @param row bytes from one row of C to the next
 */
export function outerTile(rows: usize, a: usize, b: usize, depth: usize, c: usize, row: usize): void {
  if (rows === 6) outerRows<Rows6>(a, b, depth, c, row);
  else if (rows === 5) outerRows<Rows5>(a, b, depth, c, row);
  else if (rows === 4) outerRows<Rows4>(a, b, depth, c, row);
  else if (rows === 3) outerRows<Rows3>(a, b, depth, c, row);
  else if (rows === 2) outerRows<Rows2>(a, b, depth, c, row);
  else outerRows<Rows1>(a, b, depth, c, row);
}

/**
 * C [rows, 1 or 2] += P Q^T: every element is the product of a row of P and a row of Q, four numbers at a time.
 * @param rowP bytes from one row of P to the next
 * @param q its first row, and `q2` its second; the same row twice where there is one
 * @param depth a multiple of four
 * @param right where the second column of C begins; the same as `c` where there is one
 * @param row bytes from one row of C to the next
 */
export function innerTile(
  rows: usize,
  p: usize,
  rowP: usize,
  q: usize,
  q2: usize,
  depth: usize,
  c: usize,
  right: usize,
  row: usize,
): void {
  if (rows === 6) innerRows<Rows6>(p, rowP, q, q2, depth, c, right, row);
  else if (rows === 5) innerRows<Rows5>(p, rowP, q, q2, depth, c, right, row);
  else if (rows === 4) innerRows<Rows4>(p, rowP, q, q2, depth, c, right, row);
  else if (rows === 3) innerRows<Rows3>(p, rowP, q, q2, depth, c, right, row);
  else if (rows === 2) innerRows<Rows2>(p, rowP, q, q2, depth, c, right, row);
  else innerRows<Rows1>(p, rowP, q, q2, depth, c, right, row);
}

function outerRows<R>(a: usize, b: usize, depth: usize, c: usize, row: usize): void {
  const R = offsetof<R>();
  const c2 = c + row;
  const c3 = c2 + row;
  const c4 = c3 + row;
  const c5 = c4 + row;
  const c6 = c5 + row;
  let left1 = v128.load(c);
  let right1 = v128.load(c, 16);
  let left2 = R > 1 ? v128.load(c2) : left1;
  let right2 = R > 1 ? v128.load(c2, 16) : left1;
  let left3 = R > 2 ? v128.load(c3) : left1;
  let right3 = R > 2 ? v128.load(c3, 16) : left1;
  let left4 = R > 3 ? v128.load(c4) : left1;
  let right4 = R > 3 ? v128.load(c4, 16) : left1;
  let left5 = R > 4 ? v128.load(c5) : left1;
  let right5 = R > 4 ? v128.load(c5, 16) : left1;
  let left6 = R > 5 ? v128.load(c6) : left1;
  let right6 = R > 5 ? v128.load(c6, 16) : left1;
  for (const end = b + (depth << 5); b < end; b += 32, a += R << 2) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    left1 = madd(x, left, left1);
    right1 = madd(x, right, right1);
    if (R > 1) {
      x = v128.load_splat<f32>(a, 4);
      left2 = madd(x, left, left2);
      right2 = madd(x, right, right2);
    }
    if (R > 2) {
      x = v128.load_splat<f32>(a, 8);
      left3 = madd(x, left, left3);
      right3 = madd(x, right, right3);
    }
    if (R > 3) {
      x = v128.load_splat<f32>(a, 12);
      left4 = madd(x, left, left4);
      right4 = madd(x, right, right4);
    }
    if (R > 4) {
      x = v128.load_splat<f32>(a, 16);
      left5 = madd(x, left, left5);
      right5 = madd(x, right, right5);
    }
    if (R > 5) {
      x = v128.load_splat<f32>(a, 20);
      left6 = madd(x, left, left6);
      right6 = madd(x, right, right6);
    }
  }
  storePair(c, left1, right1);
  if (R > 1) storePair(c2, left2, right2);
  if (R > 2) storePair(c3, left3, right3);
  if (R > 3) storePair(c4, left4, right4);
  if (R > 4) storePair(c5, left5, right5);
  if (R > 5) storePair(c6, left6, right6);
}

function storePair(address: usize, left: v128, right: v128): void {
  v128.store(address, left);
  v128.store(address, right, 16);
}

function innerRows<R>(
  p: usize,
  rowP: usize,
  q: usize,
  q2: usize,
  depth: usize,
  c: usize,
  right: usize,
  row: usize,
): void {
  const R = offsetof<R>();
  let p2 = p + rowP;
  let p3 = p2 + rowP;
  let p4 = p3 + rowP;
  let p5 = p4 + rowP;
  let p6 = p5 + rowP;
  const zero = f32x4.splat(0);
  let left1 = zero;
  let right1 = zero;
  let left2 = zero;
  let right2 = zero;
  let left3 = zero;
  let right3 = zero;
  let left4 = zero;
  let right4 = zero;
  let left5 = zero;
  let right5 = zero;
  let left6 = zero;
  let right6 = zero;
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
    if (R > 4) {
      x = v128.load(p5);
      left5 = madd(x, y, left5);
      right5 = madd(x, y2, right5);
      p5 += 16;
    }
    if (R > 5) {
      x = v128.load(p6);
      left6 = madd(x, y, left6);
      right6 = madd(x, y2, right6);
      p6 += 16;
    }
  }
  addColumn<R>(c, row, left1, left2, left3, left4, left5, left6);
  if (right !== c) addColumn<R>(right, row, right1, right2, right3, right4, right5, right6);
}

function addColumn<R>(
  c: usize,
  row: usize,
  v1: v128,
  v2: v128,
  v3: v128,
  v4: v128,
  v5: v128,
  v6: v128,
): void {
  const R = offsetof<R>();
  addTotal(c, v1);
  if (R > 1) addTotal(c + row, v2);
  if (R > 2) addTotal(c + 2 * row, v3);
  if (R > 3) addTotal(c + 3 * row, v4);
  if (R > 4) addTotal(c + 4 * row, v5);
  if (R > 5) addTotal(c + 5 * row, v6);
}

function addTotal(c: usize, four: v128): void {
  store<f32>(c, load<f32>(c) + total(four));
}
