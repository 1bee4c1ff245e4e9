// Attention, what every row that asks takes of the rows that it sees, and its gradient: head by head, row by row, from
// where the linear layers leave queries, keys and values.
import { madd, read, total, write } from './arithmetic';
import { exponentials, largest, multiply } from './softmax';

/**
 * p = softmax(scale q k^T + hidden), y = p v.
 * @param q [batch, asking, heads * depth], as is y
 * @param k [batch, rows, heads / copies * depth], as is v: so many heads of q read the same one
 * @param hidden [batch, asking, rows]; the address 0 where nothing is hidden
 * @param hiddenStep bytes from one sequence's to the next; 0 where all have the same
 * @param p [batch, heads, asking, rows]
 */
export function attend(
  q: usize,
  k: usize,
  v: usize,
  hidden: usize,
  hiddenStep: usize,
  scale: f32,
  y: usize,
  p: usize,
  batch: i32,
  asking: i32,
  rows: i32,
  heads: i32,
  copies: i32,
  depth: i32,
): void {
  const head = (<usize>depth) << 2;
  const step = head * (heads / copies);
  const line = (<usize>rows) << 2;
  for (let b = 0; b < batch; b++, hidden += hiddenStep) {
    for (let a = 0; a < heads; a++) {
      const seen = <usize>b * rows * step + <usize>(a / copies) * head;
      for (let i = 0; i < asking; i++, p += line) {
        const own = (<usize>(b * asking + i) * heads + a) * head;
        dots(q + own, k + seen, step, p, rows, depth);
        bend(p, scale, hidden ? hidden + <usize>i * line : 0, rows);
        multiply(p, <f32>(1 / exponentials(p, largest(p, rows), p, rows)), rows);
        mix(p, 4, v + seen, step, y + own, rows, depth, false);
      }
    }
  }
}

/**
 * ds = scale p (dy v^T - sum(p dy v^T)), dq = ds k, dk = ds^T q, dv = p^T dy, of the last rows alone.
 * @param count of the rows whose keys and values are wanted, and of the queries where so many ask
 * @param dq [batch, min(count, asking), heads * depth]
 * @param dk [batch, count, heads / copies * depth], as is dv
 * @param ds room for [asking, rows]
 */
export function attendBack(
  dy: usize,
  q: usize,
  k: usize,
  v: usize,
  p: usize,
  scale: f32,
  dq: usize,
  dk: usize,
  dv: usize,
  ds: usize,
  batch: i32,
  asking: i32,
  rows: i32,
  count: i32,
  heads: i32,
  copies: i32,
  depth: i32,
): void {
  const head = (<usize>depth) << 2;
  const step = head * (heads / copies);
  const line = (<usize>rows) << 2;
  const width = head * heads;
  const wanted = min(count, asking);
  for (let b = 0; b < batch; b++) {
    for (let a = 0; a < heads; a++, p += <usize>asking * line) {
      const shared = <usize>(a / copies) * head;
      const seen = <usize>b * rows * step + shared;
      const own = (<usize>b * asking * heads + a) * head;
      for (let i = 0; i < asking; i++) {
        const slopes = ds + <usize>i * line;
        dots(dy + own + <usize>i * width, v + seen, step, slopes, rows, depth);
        slope(slopes, p + <usize>i * line, scale, rows);
        const at = i - (asking - wanted);
        if (at < 0) continue;
        const query = (<usize>(b * wanted + at) * heads + a) * head;
        mix(slopes, 4, k + seen, step, dq + query, rows, depth, false);
      }
      const more = a % copies > 0; // another head has been here
      for (let j = 0; j < count; j++) {
        const column = (<usize>(rows - count + j)) << 2;
        const last = <usize>(b * count + j) * step + shared;
        mix(ds + column, line, q + own, width, dk + last, asking, depth, more);
        mix(p + column, line, dy + own, width, dv + last, asking, depth, more);
      }
    }
  }
}

/** The products of one row with others, that are `step` bytes apart. */
function dots(own: usize, others: usize, step: usize, out: usize, count: i32, depth: i32): void {
  const bytes = (<usize>depth) << 2;
  const whole = bytes & ~15;
  let j = 0;
  for (; j + 4 <= count; j += 4, others += 4 * step, out += 16) {
    let first = f32x4.splat(0);
    let second = f32x4.splat(0);
    let third = f32x4.splat(0);
    let fourth = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      const x = v128.load(own + at);
      const other = others + at;
      first = madd(x, v128.load(other), first);
      second = madd(x, v128.load(other + step), second);
      third = madd(x, v128.load(other + 2 * step), third);
      fourth = madd(x, v128.load(other + 3 * step), fourth);
    }
    const left = halves(first, second);
    const right = halves(third, fourth);
    const low = v128.shuffle<f32>(left, right, 0, 1, 4, 5);
    const high = v128.shuffle<f32>(left, right, 2, 3, 6, 7);
    v128.store(out, f32x4.add(low, high));
    if (whole === bytes) continue;
    for (let one: usize = 0; one < 4; one++) {
      const rest = tail(own, others + one * step, whole, bytes);
      store<f32>(out + (one << 2), load<f32>(out + (one << 2)) + rest);
    }
  }
  for (; j < count; j++, others += step, out += 4) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      sum = madd(v128.load(own + at), v128.load(others + at), sum);
    }
    store<f32>(out, total(sum) + tail(own, others, whole, bytes));
  }
}

/** a0 + a2, b0 + b2, a1 + a3, b1 + b3. */
function halves(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
}

/** The product of two rows from some place on. */
function tail(a: usize, b: usize, from: usize, bytes: usize): f32 {
  let sum: f32 = 0;
  for (let at = from; at < bytes; at += 4) sum += load<f32>(a + at) * load<f32>(b + at);
  return sum;
}

/**
 * The sum of rows that are `step` bytes apart, each with its weight; weights are `apart` bytes apart.
 * @param more it is added to what is there
 */
function mix(
  weights: usize,
  apart: usize,
  rows: usize,
  step: usize,
  out: usize,
  count: i32,
  depth: i32,
  more: bool,
): void {
  const bytes = (<usize>depth) << 2;
  const whole = bytes & ~15;
  const zero = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    const to = out + at;
    let first = more ? v128.load(to) : zero;
    let second = more ? v128.load(to, 16) : zero;
    let third = more ? v128.load(to, 32) : zero;
    let fourth = more ? v128.load(to, 48) : zero;
    let row = rows + at;
    let place = weights;
    for (let j = 0; j < count; j++, row += step, place += apart) {
      const weight = v128.load_splat<f32>(place);
      first = madd(weight, v128.load(row), first);
      second = madd(weight, v128.load(row, 16), second);
      third = madd(weight, v128.load(row, 32), third);
      fourth = madd(weight, v128.load(row, 48), fourth);
    }
    v128.store(to, first);
    v128.store(to, second, 16);
    v128.store(to, third, 32);
    v128.store(to, fourth, 48);
  }
  for (; at < bytes; at += at < whole ? 16 : 4) {
    const four = at < whole;
    let sum = more ? read(out + at, four) : zero;
    let row = rows + at;
    let place = weights;
    for (let j = 0; j < count; j++, row += step, place += apart) {
      sum = madd(v128.load_splat<f32>(place), read(row, four), sum);
    }
    write(out + at, sum, four);
  }
}

/** s becomes scale s + hidden. */
function bend(s: usize, scale: f32, hidden: usize, count: i32): void {
  multiply(s, scale, count);
  if (!hidden) return;
  for (let at: usize = 0; at < (<usize>count) << 2; at += 4) {
    store<f32>(s + at, load<f32>(s + at) + load<f32>(hidden + at));
  }
}

/** dp becomes scale p (dp - sum(p dp)). */
function slope(dp: usize, p: usize, scale: f32, count: i32): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    sums = madd(v128.load(p + at), v128.load(dp + at), sums);
  }
  const sum = f32x4.splat(total(sums) + tail(p, dp, whole, bytes));
  for (let at: usize = 0; at < bytes; at += at < whole ? 16 : 4) {
    const four = at < whole;
    const own = f32x4.mul(read(p + at, four), f32x4.splat(scale));
    write(dp + at, f32x4.mul(own, f32x4.sub(read(dp + at, four), sum)), four);
  }
}
