// How GGUF stores weights in blocks of 32 or 256 values that share a scale. A block's layout is given in the order of its
// bytes, little endian; f16 is IEEE 754 binary16. Layouts: ggml-common.h of llama.cpp.
import { halves } from '../half.js';

/** Reads the block at a place in `bytes`, into `out` from a place on. */
export type ReadBlock = (bytes: Buffer, at: number, out: Float32Array, to: number) => void;

function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

function signed(bytes: Buffer, at: number): number {
  return (byte(bytes, at) << 24) >> 24;
}

function half(bytes: Buffer, at: number): number {
  return halves()[byte(bytes, at) | (byte(bytes, at + 1) << 8)] ?? 0;
}

/** f16 d, i8 q[32]: d * q. */
export function q8_0(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * signed(bytes, at + 2 + i);
}

/** f16 d, u4 q[32]: d * (q - 8). Byte i of 16 has value i in its lower half, and i + 16 in the upper. */
export function q4_0(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at);
  for (let i = 0; i < 16; i++) {
    const pair = byte(bytes, at + 2 + i);
    out[to + i] = d * ((pair & 15) - 8);
    out[to + i + 16] = d * ((pair >> 4) - 8);
  }
}

/** f16 d, f16 m, u4 q[32] as in Q4_0: d * q + m. */
export function q4_1(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at);
  const m = half(bytes, at + 2);
  for (let i = 0; i < 16; i++) {
    const pair = byte(bytes, at + 4 + i);
    out[to + i] = d * (pair & 15) + m;
    out[to + i + 16] = d * (pair >> 4) + m;
  }
}

/** f16 d, 32 bits, of which bit i is the fifth of value i, u4 q[32] as in Q4_0: d * (q - 16). */
export function q5_0(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at);
  const fifth = bytes.readUInt32LE(at + 2);
  for (let i = 0; i < 16; i++) {
    const pair = byte(bytes, at + 6 + i);
    out[to + i] = d * (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16);
    out[to + i + 16] = d * (((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16);
  }
}

/** f16 d, f16 m, 32 bits and u4 q[32] as in Q5_0: d * q + m. */
export function q5_1(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at);
  const m = half(bytes, at + 2);
  const fifth = bytes.readUInt32LE(at + 4);
  for (let i = 0; i < 16; i++) {
    const pair = byte(bytes, at + 8 + i);
    out[to + i] = d * ((pair & 15) | (((fifth >>> i) & 1) << 4)) + m;
    out[to + i + 16] = d * ((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m;
  }
}

/** Scale and least value of group g of 8, of 6 bits each: the lower four groups', the upper ones' beside them in 12 bytes. */
function groupScale(bytes: Buffer, at: number, g: number): number {
  if (g < 4) return byte(bytes, at + g) & 63;
  return (byte(bytes, at + 4 + g) & 15) | ((byte(bytes, at + g - 4) >> 6) << 4);
}

function groupLeast(bytes: Buffer, at: number, g: number): number {
  if (g < 4) return byte(bytes, at + 4 + g) & 63;
  return (byte(bytes, at + 4 + g) >> 4) | ((byte(bytes, at + g) >> 6) << 4);
}

/**
 * f16 d, f16 dmin, 12 bytes of scales s and least values m (6 bits each: those of groups 0 to 3 are the lower six bits of
 * bytes 0-3 and 4-7; those of group g from 4 on have their lower four bits in byte g + 4, s in its lower half and m in its
 * upper, and their upper two in the upper bits of bytes g - 4 and g), u4 q[256]: d * s * q - dmin * m. Every 32 bytes have
 * two groups of 32 values, one in their lower halves, the next in the upper.
 */
export function q4_K(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  eightGroups(bytes, at, at + 16, undefined, out, to);
}

/** As Q4_K, with 32 bytes before q, of which bit g of byte i is the fifth bit of value i of group g. */
export function q5_K(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  eightGroups(bytes, at, at + 48, at + 16, out, to);
}

/** What Q4_K and Q5_K have in common. @param quants where q begins, and `fifths` where the fifth bits do, if there are any */
function eightGroups(
  bytes: Buffer,
  at: number,
  quants: number,
  fifths: number | undefined,
  out: Float32Array,
  to: number,
): void {
  const d = half(bytes, at);
  const dmin = half(bytes, at + 2);
  for (let g = 0; g < 8; g++) {
    const scale = d * groupScale(bytes, at + 4, g);
    const least = dmin * groupLeast(bytes, at + 4, g);
    const start = quants + 32 * (g >> 1);
    const shift = 4 * (g & 1);
    for (let i = 0; i < 32; i++) {
      const fifth = fifths === undefined ? 0 : (byte(bytes, fifths + i) >> g) & 1;
      out[to + 32 * g + i] = scale * (((byte(bytes, start + i) >> shift) & 15) | (fifth << 4)) - least;
    }
  }
}

/**
 * Lower four bits of 256 values in 128 bytes, upper two in 64, i8 s[16], f16 d: d * s * (q - 32), with one s for every 16
 * values. Either half of the values has four groups of 32: their lower bits are the lower halves of 64 bytes, then the
 * upper halves; their upper bits are bits 0-1, 2-3, 4-5, 6-7 of 32 bytes.
 */
export function q6_K(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at + 208);
  for (let g = 0; g < 8; g++) {
    const low = at + 64 * (g >> 2) + 32 * (g & 1);
    const shift = g & 2 ? 4 : 0;
    const high = at + 128 + 32 * (g >> 2);
    for (let i = 0; i < 32; i++) {
      const lower = (byte(bytes, low + i) >> shift) & 15;
      const upper = (byte(bytes, high + i) >> (2 * (g & 3))) & 3;
      const scale = d * signed(bytes, at + 192 + 2 * g + (i >> 4));
      out[to + 32 * g + i] = scale * ((lower | (upper << 4)) - 32);
    }
  }
}
