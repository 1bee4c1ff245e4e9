// Activations and the gates that they make, with their gradients, four numbers at a time. A curve is f(z) = z s(z), by
// the share s of z that passes; the share and its slope come from one exponential.
import { exp, polynomial, read, write } from './arithmetic';

/** Numbers of the curves, as src/lm/layers/curves.ts has them. */
const GELU = 0;
const GELU_NEW = 1;
// 2: SiLU

/** Of GELU's approximation: its cubic term, and 2 sqrt(2/pi). */
const CUBIC: f64 = 0.044715;
const SCALE: f64 = 1.5957691216057308;

/**
 * y = f(z) a and dz = f'(z) a b. Forward, a is what the gate multiplies by, and only y is wanted; backward, a is the
 * gradient, b what the gate multiplied by, and y the gradient of that.
 * @param z [count], as are all others; the address 0 stands for factors of 1 and for results that nobody wants
 */
export function activate(z: usize, a: usize, b: usize, y: usize, dz: usize, count: i32, kind: i32): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  for (let at: usize = 0; at < bytes; at += at < whole ? 16 : 4) {
    const four = at < whole;
    const x = read(z + at, four);
    const e = base(x, kind);
    const s = share(x, e, kind);
    const factor = a ? read(a + at, four) : f32x4.splat(1);
    if (y) write(y + at, f32x4.mul(f32x4.mul(x, s), factor), four);
    if (dz) {
      const slope = f32x4.mul(f32x4.add(s, f32x4.mul(x, rise(x, e, kind))), factor);
      write(dz + at, b ? f32x4.mul(slope, read(b + at, four)) : slope, four);
    }
  }
}

/** The exponential e that share and slope are made of: exp(-x^2 / 2) for GELU, exp(-|v|) where s = sigmoid(v). */
function base(x: v128, kind: i32): v128 {
  if (kind === GELU) return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
  const v = kind === GELU_NEW ? f32x4.mul(x, quadratic(x, CUBIC * SCALE)) : x;
  return exp(f32x4.neg(f32x4.abs(v)));
}

/** s: Phi for GELU; sigmoid(v) for its approximation, v = 2 sqrt(2/pi) (x + 0.044715 x^3), and for SiLU, v = x. */
function share(x: v128, e: v128, kind: i32): v128 {
  if (kind === GELU) return normal(x, e);
  const one = f32x4.splat(1);
  const positive = f32x4.gt(x, f32x4.splat(0)); // as v is
  return f32x4.div(v128.bitselect(one, e, positive), f32x4.add(one, e));
}

/** ds/dx: s (1 - s) v' of a sigmoid, without the difference, which would lose its digits where s is near 1. */
function rise(x: v128, e: v128, kind: i32): v128 {
  if (kind === GELU) return f32x4.mul(e, f32x4.splat(0.3989422804)); // 1 / sqrt(2 pi)
  const sum = f32x4.add(f32x4.splat(1), e);
  const slope = f32x4.div(e, f32x4.mul(sum, sum));
  return kind === GELU_NEW ? f32x4.mul(slope, quadratic(x, 3 * CUBIC * SCALE)) : slope;
}

/** factor x^2 + SCALE */
function quadratic(x: v128, factor: f64): v128 {
  return f32x4.add(f32x4.mul(f32x4.mul(x, x), f32x4.splat(<f32>factor)), f32x4.splat(<f32>SCALE));
}

/**
 * The distribution function. `Phi(-|x|) = bell t P(t)`, bell = exp(-x^2 / 2), with `t = 1 / (1 + 0.28 |x|)`: the form
 * of Abramowitz and Stegun 7.1.26 with one more term, fitted so that x Phi(x) is off by at most 6e-9 (minimax).
 */
function normal(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(f32x4.abs(x), f32x4.splat(0.28))));
  const sum = polynomial(t, 0.11695916, 0.06476705, 0.27566005, -0.24528069, 0.39492719, -0.10703277);
  const tail = f32x4.mul(bell, f32x4.mul(sum, t));
  return v128.bitselect(f32x4.sub(one, tail), tail, f32x4.gt(x, f32x4.splat(0)));
}
