// IEEE 754 binary16 to float32.

/** One number. */
export function loadHalf(from: usize): f32 {
  return f32x4.extract_lane(half(i32x4.splat(load<u16>(from))), 0);
}

/** Four numbers, each in 32 bits. Subnormals are whole numbers of 2^-24. */
export function half(bits: v128): v128 {
  const magnitude = v128.and(bits, i32x4.splat(0x7fff));
  const shifted = i32x4.shl(magnitude, 13);
  const normal = i32x4.add(shifted, i32x4.splat((127 - 15) << 23));
  const subnormal = f32x4.mul(f32x4.convert_i32x4_s(magnitude), f32x4.splat(<f32>5.9604644775390625e-8));
  const infinite = v128.or(shifted, i32x4.splat(0x7f800000)); // or NaN
  const finite = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, i32x4.splat(0x400)));
  const value = v128.bitselect(infinite, finite, i32x4.ge_s(magnitude, i32x4.splat(0x7c00)));
  return v128.or(value, i32x4.shl(i32x4.shr_u(bits, 15), 31));
}
