// GGUF files for tests, of any metadata and tensors, written from the format's description.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GgufFile } from '../../src/lm/gguf/file.js';
import { temporaryDirectory } from './temporary.js';

const ALIGNMENT = 32;

/** A value of the metadata: its type's number, and its bytes. */
export interface Value {
  type: number;
  bytes: Buffer;
}

export function u32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { type: 4, bytes };
}

export function i32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return { type: 5, bytes };
}

export function f32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return { type: 6, bytes };
}

export function flag(value: boolean): Value {
  return { type: 7, bytes: Buffer.from([Number(value)]) };
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function text(value: string): Value {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([u64(bytes.length), bytes]) };
}

export function array(values: readonly Value[], type = values[0]?.type ?? 4): Value {
  const head = Buffer.concat([u32(type).bytes, u64(values.length)]);
  return { type: 9, bytes: Buffer.concat([head, ...values.map(({ bytes }) => bytes)]) };
}

export type Metadata = Record<string, Value>;

/** A tensor as the file has it; `ne` is the innermost dimension first. */
export interface GgufTensor {
  name: string;
  ne: number[];
  type: number;
  bytes: Buffer;
}

function padded(bytes: Buffer, alignment: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}

/** The bytes of a file. */
export function gguf(metadata: Metadata, tensors: readonly GgufTensor[], alignment = ALIGNMENT): Buffer {
  let offset = 0;
  const descriptions = tensors.map(({ name, ne, type, bytes }) => {
    const description = [
      text(name).bytes,
      u32(ne.length).bytes,
      ...ne.map(u64),
      u32(type).bytes,
      u64(offset),
    ];
    offset += padded(bytes, alignment).length;
    return Buffer.concat(description);
  });
  const entries = Object.entries(metadata);
  const keys = entries.map(([key, { type, bytes }]) =>
    Buffer.concat([text(key).bytes, u32(type).bytes, bytes]),
  );
  const start = [Buffer.from('GGUF'), u32(3).bytes, u64(tensors.length), u64(entries.length)];
  const head = padded(Buffer.concat([...start, ...keys, ...descriptions]), alignment);
  return Buffer.concat([head, ...tensors.map(({ bytes }) => padded(bytes, alignment))]);
}

/** Writes a file. @returns its path */
export function writeGguf(bytes: Buffer, name = 'model.gguf'): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, bytes);
  return path;
}

/** All tensors of a file, by the names of Hugging Face. */
export function valuesIn(path: string): Map<string, Float32Array> {
  const file = GgufFile.open(path);
  try {
    return new Map([...file.tensors.values()].map((entry) => [entry.name, file.read(entry)]));
  } finally {
    file.close();
  }
}

/** The metadata without which a file is not opened. */
export const MINIMAL: Metadata = {
  'general.architecture': text('llama'),
  'llama.attention.head_count': u32(2),
};

/** A tensor of F32 values. @param shape the outermost dimension first */
export function f32Tensor(name: string, shape: readonly number[], values: Float32Array): GgufTensor {
  return { name, ne: shape.toReversed(), type: 0, bytes: Buffer.from(new Uint8Array(values.slice().buffer)) };
}
