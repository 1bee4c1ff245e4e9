// What every kernel of products needs: a multiplication with an addition, and the sum of four numbers.

/** a b + c; rounded once where relaxed SIMD is there and the processor can, else twice. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of four numbers. */
export function total(four: v128): f32 {
  const pairs = f32x4.add(four, i32x4.shuffle(four, four, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
