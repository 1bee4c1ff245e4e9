// GELU and the approximation that GPT-2 was trained with, with their gradients, four numbers at a time.

/** Of the approximation's cubic term, and 2 sqrt(2/pi). */
const CUBIC: f64 = 0.044715;
const SCALE: f64 = 1.5957691216057308;

/** y = x s(x), with s = Phi where exact, else s(x) = sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)) = (1 + tanh(...)) / 2. */
export function gelu(x: usize, y: usize, count: i32, exact: bool): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  let at: usize = 0;
  for (; at < whole; at += 16) v128.store(y + at, value(v128.load(x + at), exact));
  for (; at < bytes; at += 4) v128.store_lane<f32>(y + at, value(v128.load_splat<f32>(x + at), exact), 0);
}

/** dx = dy (s(x) + x s'(x)) */
export function geluBack(x: usize, dy: usize, dx: usize, count: i32, exact: bool): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    v128.store(dx + at, f32x4.mul(v128.load(dy + at), slope(v128.load(x + at), exact)));
  }
  for (; at < bytes; at += 4) {
    const four = f32x4.mul(v128.load_splat<f32>(dy + at), slope(v128.load_splat<f32>(x + at), exact));
    v128.store_lane<f32>(dx + at, four, 0);
  }
}

function value(x: v128, exact: bool): v128 {
  return f32x4.mul(x, exact ? normal(x, bell(x)) : sigmoid(inner(x)));
}

function slope(x: v128, exact: bool): v128 {
  if (exact) {
    const b = bell(x);
    const density = f32x4.mul(b, f32x4.splat(0.3989422804)); // 1 / sqrt(2 pi)
    return f32x4.add(normal(x, b), f32x4.mul(x, density));
  }
  const v = inner(x);
  const s = sigmoid(v);
  const ds = f32x4.mul(s, sigmoid(f32x4.neg(v))); // s (1 - s), which would lose its digits where s is near 1
  return f32x4.add(s, f32x4.mul(x, f32x4.mul(ds, innerSlope(x))));
}

/**
 * The distribution function. `Phi(-|x|) = bell t P(t)`, bell = exp(-x^2 / 2), with `t = 1 / (1 + 0.28 |x|)`: the form
 * of Abramowitz and Stegun 7.1.26 with one more term, fitted so that x Phi(x) is off by at most 6e-9 (minimax).
 */
function normal(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(f32x4.abs(x), f32x4.splat(0.28))));
  let sum = f32x4.splat(-0.10703277);
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.39492719));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(-0.24528069));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.27566005));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.06476705));
  sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.11695916));
  const tail = f32x4.mul(bell, f32x4.mul(sum, t));
  return v128.bitselect(f32x4.sub(one, tail), tail, f32x4.gt(x, f32x4.splat(0)));
}

/** exp(-x^2 / 2) */
function bell(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** 1 / (1 + exp(-x)), from the exponential that cannot overflow. */
function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(one, e, f32x4.gt(x, f32x4.splat(0))), f32x4.add(one, e));
}

/** SCALE x (1 + CUBIC x^2) */
function inner(x: v128): v128 {
  return f32x4.mul(x, quadratic(x, CUBIC * SCALE));
}

/** d inner / dx */
function innerSlope(x: v128): v128 {
  return quadratic(x, 3 * CUBIC * SCALE);
}

/** factor x^2 + SCALE */
function quadratic(x: v128, factor: f64): v128 {
  return f32x4.add(f32x4.mul(f32x4.mul(x, x), f32x4.splat(<f32>factor)), f32x4.splat(<f32>SCALE));
}

/**
 * exp(x) of x <= 0; below -86 it stays at the smallest. x = n ln 2 + r, with the polynomial of Cephes' expf for r.
 * Added to 1.5 * 2^23, a number is rounded to a whole one, which then stands in the lowest bits.
 */
function exp(x: v128): v128 {
  const magic = f32x4.splat(12582912);
  const within = f32x4.pmax(x, f32x4.splat(-86)); // NaN stays NaN
  const shifted = f32x4.add(f32x4.mul(within, f32x4.splat(Mathf.LOG2E)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(within, f32x4.mul(n, f32x4.splat(0.693359375))); // ln 2 in two parts: n times the first is exact
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let sum = f32x4.splat(1.9875691e-4);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.3981999e-3));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(8.3334519e-3));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(4.1665796e-2));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.6666665e-1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(sum, r), r), r), f32x4.splat(1));
  return i32x4.add(sum, i32x4.shl(shifted, 23)); // n more in the exponent
}
