// What kernels do with four numbers at a time.

/** a b + c; rounded once where relaxed SIMD is there and the processor can, else twice. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of four numbers. */
export function total(four: v128): f32 {
  const pairs = f32x4.add(four, i32x4.shuffle(four, four, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Four numbers, or one of them. */
export function read(address: usize, four: bool): v128 {
  return four ? v128.load(address) : v128.load_splat<f32>(address);
}

export function write(address: usize, numbers: v128, four: bool): void {
  if (four) v128.store(address, numbers);
  else v128.store_lane<f32>(address, numbers, 0);
}

/**
 * exp(x) of x <= 0; 0 below -86. x = n ln 2 + r, with the polynomial of Cephes' expf for r.
 * Added to 1.5 * 2^23, a number is rounded to a whole one, which then stands in the lowest bits.
 */
export function exp(x: v128): v128 {
  const magic = f32x4.splat(12582912);
  const within = f32x4.pmax(x, f32x4.splat(-86)); // NaN stays NaN
  const shifted = madd(within, f32x4.splat(Mathf.LOG2E), magic);
  const n = f32x4.sub(shifted, magic);
  let r = madd(n, f32x4.splat(-0.693359375), within); // ln 2 in two parts: n times the first is exact
  r = madd(n, f32x4.splat(2.1219444e-4), r);
  const sum = polynomial(r, 0.5, 1.6666665e-1, 4.1665796e-2, 8.3334519e-3, 1.3981999e-3, 1.9875691e-4);
  const whole = madd(f32x4.mul(r, r), sum, f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.add(whole, i32x4.shl(shifted, 23)); // n more in the exponent
  return v128.andnot(power, f32x4.lt(x, f32x4.splat(-86)));
}

/** c0 + c1 x + ... + c5 x^5, by Estrin's scheme: its parts do not wait for each other. */
export function polynomial(x: v128, c0: f32, c1: f32, c2: f32, c3: f32, c4: f32, c5: f32): v128 {
  const square = f32x4.mul(x, x);
  const high = madd(square, linear(x, c4, c5), linear(x, c2, c3));
  return madd(square, high, linear(x, c0, c1));
}

function linear(x: v128, c0: f32, c1: f32): v128 {
  return madd(x, f32x4.splat(c1), f32x4.splat(c0));
}
