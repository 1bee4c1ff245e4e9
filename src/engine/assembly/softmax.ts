// The parts of a softmax over one row, and P(target) with its gradient over the rows of a vocabulary.
import { exp, read, write } from './arithmetic';

/** The largest of some numbers; NaN where one of them is. */
export function largest(x: usize, count: i32): f32 {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  let four = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < bytes; at += at < whole ? 16 : 4) {
    four = f32x4.max(four, read(x + at, at < whole));
  }
  four = f32x4.max(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
  return max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1));
}

/**
 * e = exp(x - most), number by number.
 * @param e the address 0 where they are not wanted; that of x where they take its place
 * @returns their sum
 */
export function exponentials(x: usize, most: f32, e: usize, count: i32): f64 {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  let sums = f64x2.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const four = exp(f32x4.sub(v128.load(x + at), f32x4.splat(most)));
    if (e) v128.store(e + at, four);
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(four));
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 0, 1)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (let at = whole; at < bytes; at += 4) {
    const one = exp(f32x4.sub(read(x + at, false), f32x4.splat(most)));
    if (e) write(e + at, one, false);
    sum += f32x4.extract_lane(one, 0);
  }
  return sum;
}

/** Multiplies some numbers. */
export function multiply(x: usize, factor: f32, count: i32): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  for (let at: usize = 0; at < bytes; at += at < whole ? 16 : 4) {
    write(x + at, f32x4.mul(read(x + at, at < whole), f32x4.splat(factor)), at < whole);
  }
}

/**
 * P = softmax(x)[target] of each row, and dP/dx = P (onehot(target) - softmax(x)).
 * @param x [rows, width]
 * @param targets whole numbers [rows]
 * @param probability P [rows]
 * @param gradient dP/dx [rows, width]; the address 0 where it is not wanted
 */
export function answer(
  x: usize,
  targets: usize,
  probability: usize,
  gradient: usize,
  rows: i32,
  width: i32,
): void {
  const bytes = (<usize>width) << 2;
  for (let row = 0; row < rows; row++, x += bytes, targets += 4, probability += 4) {
    const target = (<usize>load<i32>(targets)) << 2;
    const most = largest(x, width);
    const sum = exponentials(x, most, gradient, width);
    const own = exp(f32x4.sub(v128.load_splat<f32>(x + target), f32x4.splat(most)));
    const p = <f32>(<f64>f32x4.extract_lane(own, 0) / sum);
    store<f32>(probability, p);
    if (!gradient) continue;
    multiply(gradient, <f32>(-(<f64>p) / sum), width);
    store<f32>(gradient + target, load<f32>(gradient + target) + p);
    gradient += bytes;
  }
}
