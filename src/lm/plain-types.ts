// Types of numbers that weights have in safetensors files, and values as they are written in them (little endian).
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.js';

const PLAIN_TYPES = ['F32', 'F16', 'BF16'] as const;
export type PlainType = (typeof PLAIN_TYPES)[number];

/** Whether a type is a plain one. */
export function isPlain(dtype: string): dtype is PlainType {
  return PLAIN_TYPES.some((type) => type === dtype);
}

/** Bytes of one value. */
export function bytesEach(dtype: PlainType): number {
  return dtype === 'F32' ? 4 : 2;
}

/** A value as it is read back; infinite where it is too large. */
export function rounded(dtype: PlainType, value: number): number {
  if (dtype === 'F32') return value;
  return dtype === 'BF16' ? fromBfloat16(toBfloat16(value)) : fromHalf(toHalf(value));
}

/** Bytes of values. */
export function encoded(dtype: PlainType, values: Float32Array): Buffer {
  if (dtype === 'F32') return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const bytes = Buffer.alloc(bytesEach(dtype) * values.length);
  values.forEach((value, i) => {
    put(bytes, dtype, i, value);
  });
  return bytes;
}

/** Writes the value at an index. */
export function put(bytes: Buffer, dtype: PlainType, i: number, value: number): void {
  if (dtype === 'F32') bytes.writeFloatLE(value, 4 * i);
  else if (dtype === 'BF16') bytes.writeUInt16LE(toBfloat16(value), 2 * i);
  else bytes.writeUInt16LE(toHalf(value), 2 * i);
}
