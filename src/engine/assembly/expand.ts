// Stored values to float32. Every step is exact or rounds once, so that the numbers are those of src/lm/stored-types.ts.
import { expandBlocks } from './expand-blocks';
import { half, loadHalf } from './half';

/** Numbers of types, as GGUF gives them. */
const F16 = 1;
const BF16 = 30;

/** @param type any but F32, whose values need nothing. @param count of values, in whole blocks */
export function expand(type: i32, from: usize, to: usize, count: usize): void {
  if (type === F16) fromHalves(from, to, count);
  else if (type === BF16) fromBfloat16s(from, to, count);
  else expandBlocks(type, from, to, count);
}

/** IEEE 754 binary16. Eight at a time, where all are normal numbers, as nearly all are. */
function fromHalves(from: usize, to: usize, count: usize): void {
  for (const whole = from + ((count & ~7) << 1); from < whole; from += 16, to += 32) {
    const exponents = v128.and(v128.load(from), i16x8.splat(0x7c00));
    const normal = i16x8.lt_u(i16x8.sub(exponents, i16x8.splat(0x400)), i16x8.splat(0x7800));
    if (i16x8.all_true(normal)) {
      v128.store(to, normalHalf(v128.load_ext<i16>(from)));
      v128.store(to, normalHalf(v128.load_ext<i16>(from, 8)), 16);
    } else {
      v128.store(to, half(v128.load_ext<u16>(from)));
      v128.store(to, half(v128.load_ext<u16>(from, 8)), 16);
    }
  }
  for (let rest = count & 7; rest > 0; rest--, from += 2, to += 4) store<f32>(to, loadHalf(from));
}

/** Four normal numbers in binary16, each with its sign in all of the upper bits. */
function normalHalf(bits: v128): v128 {
  const moved = v128.and(i32x4.shl(bits, 13), i32x4.splat(0x8fffe000));
  return i32x4.add(moved, i32x4.splat((127 - 15) << 23));
}

/** The upper half of a float32. */
function fromBfloat16s(from: usize, to: usize, count: usize): void {
  for (const whole = from + ((count & ~3) << 1); from < whole; from += 8, to += 16) {
    v128.store(to, i32x4.shl(v128.load_ext<u16>(from), 16));
  }
  for (let rest = count & 3; rest > 0; rest--, from += 2, to += 4)
    store<u32>(to, (<u32>load<u16>(from)) << 16);
}
