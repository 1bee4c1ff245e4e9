// The types that weights are stored in: plain numbers (of safetensors and GGUF), and GGUF's blocks.
import { allFinite } from '../numbers.js';
import { q4_0, q4_1, q4_K, q5_0, q5_1, q5_K, q6_K, q8_0, type ReadBlock } from './gguf/blocks.js';
import { fromBfloat16s, fromHalves } from './half.js';

/** How values lie in a file. */
export interface StoredType {
  /** What GGUF calls it in its files. */
  number: number;
  name: string;
  /** Values of a block, which all lie in one row; 1 where they are plain numbers. */
  values: number;
  /** Bytes of a block. */
  bytes: number;
  /** Values of whole blocks. */
  decode(bytes: Buffer): Float32Array;
}

/** The types that are read. */
export const STORED_TYPES: readonly StoredType[] = [
  { number: 0, name: 'F32', values: 1, bytes: 4, decode: fromFloats },
  { number: 1, name: 'F16', values: 1, bytes: 2, decode: fromHalves },
  inBlocks(2, 'Q4_0', 32, 18, q4_0),
  inBlocks(3, 'Q4_1', 32, 20, q4_1),
  inBlocks(6, 'Q5_0', 32, 22, q5_0),
  inBlocks(7, 'Q5_1', 32, 24, q5_1),
  inBlocks(8, 'Q8_0', 32, 34, q8_0),
  inBlocks(12, 'Q4_K', 256, 144, q4_K),
  inBlocks(13, 'Q5_K', 256, 176, q5_K),
  inBlocks(14, 'Q6_K', 256, 210, q6_K),
  { number: 30, name: 'BF16', values: 1, bytes: 2, decode: fromBfloat16s },
];

const byName: ReadonlyMap<string, StoredType> = new Map(STORED_TYPES.map((type) => [type.name, type]));

/** @throws RangeError when there is none of that name */
export function typeNamed(name: string): StoredType {
  const type = byName.get(name);
  if (!type) throw new RangeError(`no type ${name}`);
  return type;
}

/** Values that are looked at together. */
const LOOKED_AT = 1 << 16;

/** Whether every value of whole blocks is finite. */
export function finiteIn(type: StoredType, stored: Uint8Array): boolean {
  const all = Buffer.from(stored.buffer, stored.byteOffset, stored.length);
  const step = (LOOKED_AT / type.values) * type.bytes;
  for (let at = 0; at < all.length; at += step) {
    if (!allFinite(type.decode(all.subarray(at, at + step)))) return false;
  }
  return true;
}

function inBlocks(number: number, name: string, values: number, bytes: number, read: ReadBlock): StoredType {
  return {
    number,
    name,
    values,
    bytes,
    decode(stored) {
      const out = new Float32Array((stored.length / bytes) * values);
      for (let at = 0, to = 0; at < stored.length; at += bytes, to += values) read(stored, at, out, to);
      return out;
    },
  };
}

/** A view where the bytes lie as numbers of 4 bytes must. */
function fromFloats(bytes: Buffer): Float32Array {
  const { buffer, byteOffset, length } =
    bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes));
  return new Float32Array(buffer, byteOffset, length / 4);
}
