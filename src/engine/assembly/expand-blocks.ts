// Blocks of GGUF to float32, sixteen values at a time: q scale + offset, q of 8 bits. Layouts: src/lm/gguf/blocks.ts.
import { loadHalf } from './half';

/** Numbers of types, as GGUF gives them. */
// 2: Q4_0
const Q4_1 = 3;
const Q5_0 = 6;
const Q5_1 = 7;
const Q8_0 = 8;
// 12: Q4_K
const Q5_K = 13;
// 14: Q6_K

export function expandBlocks(type: i32, from: usize, to: usize, count: usize): void {
  for (const end = to + (count << 2); to < end; ) {
    if (type === Q8_0) {
      const d = splatHalf(from);
      write(to, v128.load(from, 2), d, none());
      write(to + 64, v128.load(from, 18), d, none());
      from += 34;
      to += 128;
    } else if (type < Q8_0) {
      from = block32(type, from, to);
      to += 128;
    } else {
      from = type <= Q5_K ? eightGroups(from, to, type === Q5_K) : q6_K(from, to);
      to += 1024;
    }
  }
}

/** 32 values in 16 bytes, with their fifth bits before them in Q5: less 8 or 16, or more by a number of the block's. */
function block32(type: i32, from: usize, to: usize): usize {
  const least = type === Q4_1 || type === Q5_1;
  const five = type === Q5_0 || type === Q5_1;
  const d = splatHalf(from);
  const offset = least ? splatHalf(from + 2) : none();
  from += least ? 4 : 2;
  let low = i8x16.splat(0);
  let high = low;
  if (five) {
    low = fifths(load<u16>(from));
    high = fifths(load<u16>(from, 2));
    from += 4;
  }
  const pairs = v128.load(from);
  low = v128.or(low, v128.and(pairs, i8x16.splat(15)));
  high = v128.or(high, i8x16.shr_u(pairs, 4));
  const middle = i8x16.splat(least ? 0 : five ? 16 : 8);
  write(to, i8x16.sub(low, middle), d, offset);
  write(to + 64, i8x16.sub(high, middle), d, offset);
  return from + 16;
}

/** Bit i of 16 to the value 16 of byte i. */
function fifths(bits: u16): v128 {
  const both = i8x16.shuffle(
    i16x8.splat(bits),
    i16x8.splat(bits),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
  );
  const each = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return v128.and(i8x16.eq(v128.and(both, each), each), i8x16.splat(16));
}

/** Q4_K, and Q5_K, which has 32 bytes of fifth bits before the others. */
function eightGroups(from: usize, to: usize, five: bool): usize {
  const d = loadHalf(from);
  const dmin = loadHalf(from + 2);
  const scales = from + 4;
  const high = from + 16;
  const quants = five ? high + 32 : high;
  for (let g: usize = 0; g < 8; g++) {
    const scale =
      g < 4
        ? load<u8>(scales + g) & 63
        : (load<u8>(scales + 4 + g) & 15) | ((load<u8>(scales + g - 4) >> 6) << 4);
    const least =
      g < 4
        ? load<u8>(scales + 4 + g) & 63
        : (load<u8>(scales + 4 + g) >> 4) | ((load<u8>(scales + g) >> 6) << 4);
    const factor = f32x4.splat(d * <f32>scale);
    const offset = f32x4.splat(-(dmin * <f32>least));
    for (let i: usize = 0; i < 32; i += 16, to += 64) {
      const pairs = v128.load(quants + 32 * (g >> 1) + i);
      let q = v128.and(i8x16.shr_u(pairs, 4 * (<i32>g & 1)), i8x16.splat(15));
      if (five) {
        const fifth = v128.and(i8x16.shr_u(v128.load(high + i), <i32>g), i8x16.splat(1));
        q = v128.or(q, i8x16.shl(fifth, 4));
      }
      write(to, q, factor, offset);
    }
  }
  return quants + 128;
}

function q6_K(from: usize, to: usize): usize {
  const d = loadHalf(from + 208);
  for (let g: usize = 0; g < 8; g++) {
    const low = from + 64 * (g >> 2) + 32 * (g & 1);
    const high = from + 128 + 32 * (g >> 2);
    for (let i: usize = 0; i < 32; i += 16, to += 64) {
      const lower = v128.and(i8x16.shr_u(v128.load(low + i), g & 2 ? 4 : 0), i8x16.splat(15));
      const upper = v128.and(i8x16.shr_u(v128.load(high + i), 2 * (<i32>g & 3)), i8x16.splat(3));
      const q = i8x16.sub(v128.or(lower, i8x16.shl(upper, 4)), i8x16.splat(32));
      const scale = load<i8>(from + 192 + 2 * g + (i >> 4));
      write(to, q, f32x4.splat(d * <f32>scale), none());
    }
  }
  return from + 210;
}

/** q [16], signed, times a factor, plus an offset. */
function write(to: usize, q: v128, factor: v128, offset: v128): void {
  const low = i16x8.extend_low_i8x16_s(q);
  const high = i16x8.extend_high_i8x16_s(q);
  v128.store(to, number(i32x4.extend_low_i16x8_s(low), factor, offset));
  v128.store(to, number(i32x4.extend_high_i16x8_s(low), factor, offset), 16);
  v128.store(to, number(i32x4.extend_low_i16x8_s(high), factor, offset), 32);
  v128.store(to, number(i32x4.extend_high_i16x8_s(high), factor, offset), 48);
}

function number(q: v128, factor: v128, offset: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(q), factor), offset);
}

function splatHalf(from: usize): v128 {
  return f32x4.splat(loadHalf(from));
}

/** The offset that leaves a number as it is, 0 and -0 too. */
function none(): v128 {
  return f32x4.splat(-0.0);
}
