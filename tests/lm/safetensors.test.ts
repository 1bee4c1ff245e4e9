// The safetensors reader: dtypes, matrices as they are stored, and every way in which a header can lie.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { floatsIn } from '../../src/lm/stored-matrix.js';
import type { TensorEntry } from '../../src/lm/weight-file.js';
import { temporaryDirectory } from '../support/temporary.js';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

function write(header: Record<string, Entry> | string, data: Uint8Array, declared?: number): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(declared ?? text.length));
  const path = join(temporaryDirectory(), 'model.safetensors');
  writeFileSync(path, Buffer.concat([length, text, data]));
  return path;
}

/** The values of a matrix, from its bytes as they are stored. */
function storedValues(file: SafetensorsFile, entry: TensorEntry): number[] {
  const [rows = 0, columns = 0] = entry.shape;
  const bytes = new Uint8Array(new SharedArrayBuffer(entry.bytes));
  file.readInto(bytes, entry);
  return [...floatsIn({ bytes, dtype: entry.dtype, rows, columns, stride: columns })];
}

function readTensors(path: string): Record<string, number[]> {
  const file = SafetensorsFile.open(path);
  const found: Record<string, number[]> = {};
  for (const [name, entry] of file.tensors) {
    found[name] = [...file.read(entry)];
    if (entry.shape.length === 2) expect(storedValues(file, entry)).toEqual(found[name]);
  }
  file.close();
  return found;
}

describe('reading', () => {
  it('F32, F16 and BF16, in file order', () => {
    // 1, -2.5, 2^-24 (the smallest subnormal half), 65504 (the largest)
    const half = new Uint8Array(new Uint16Array([0x3c00, 0xc100, 0x0001, 0x7bff]).buffer);
    const brain = new Uint8Array(new Uint16Array([0x3f80, 0xc020]).buffer);
    const single = new Uint8Array(new Float32Array([1, -2.5, 3e-8]).buffer);
    const path = write(
      {
        single: { dtype: 'F32', shape: [3], data_offsets: [12, 24] },
        half: { dtype: 'F16', shape: [2, 2], data_offsets: [0, 8] },
        brain: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
      },
      Buffer.concat([half, brain, single]),
    );
    expect(readTensors(path)).toEqual({
      half: [1, -2.5, 2 ** -24, 65504],
      brain: [1, -2.5],
      single: [1, -2.5, Math.fround(3e-8)],
    });
  });

  it.each([
    ['F32', new Uint32Array([0, 0, 0, 0, 0x7fc00000, 0]), 'NaN at [1,1]'],
    ['F32', new Uint32Array([0, 0x7f7fffff, 0x7f800000, 0, 0, 0]), 'Infinity at [0,2]'],
    ['F16', new Uint16Array([0, 0, 0, 0xfc00, 0, 0]), '-Infinity at [1,0]'],
    ['BF16', new Uint16Array([0x7f80, 0, 0, 0, 0, 0]), 'Infinity at [0,0]'],
  ])('refuses %s values that are not finite, with their place', (dtype, bits, says) => {
    const data = new Uint8Array(bits.buffer);
    const path = write({ a: { dtype, shape: [2, 3], data_offsets: [0, data.length] } }, data);
    const message = `${path}: tensor "a" holds values that are not finite: ${says};`;
    expect(() => readTensors(path)).toThrow(message);
    const file = SafetensorsFile.open(path);
    const [entry] = file.tensors.values();
    expect(() => storedValues(file, entry as TensorEntry)).toThrow(message);
    file.close();
  });

  it('refuses other dtypes as weights, and accepts them as extra tensors', () => {
    const path = write({ ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8));
    expect(() => readTensors(path)).toThrow(/"ids" is I64; weights must be F32, F16 or BF16/);
    SafetensorsFile.open(path).close();
  });
});

describe('headers that lie', () => {
  const four = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const data = new Uint8Array(8);
  const cases: [name: string, path: () => string, message: RegExp][] = [
    [
      'a header longer than the file',
      () => write({}, data, 10_000),
      /header's length \(10000\) exceeds the file/,
    ],
    ['a header of absurd length', () => write({}, data, 2 ** 52), /exceeds the file/],
    ['not JSON', () => write('{nope', data), /header is not JSON/],
    ['not an object', () => write('[1]', data), /header is not an object/],
    ['an unknown dtype', () => write({ a: { ...four, dtype: 'F31' } }, data), /"a": unknown dtype "F31"/],
    ['a dtype of Object', () => write({ a: { ...four, dtype: 'toString' } }, data), /unknown dtype/],
    ['a negative shape', () => write({ a: { ...four, shape: [-1] } }, data), /"a": bad shape/],
    [
      'a shape that overflows',
      () => write({ a: { ...four, shape: [2 ** 52, 2 ** 52] } }, data),
      /needs .* bytes/,
    ],
    ['a size that disagrees', () => write({ a: { ...four, shape: [2] } }, data), /F32 \[2\] needs 8 bytes/],
    ['overlap', () => write({ a: four, b: { ...four, data_offsets: [2, 6] } }, data), /"b" overlaps/],
    ['a gap', () => write({ a: { ...four, data_offsets: [4, 8] } }, data), /gap before tensor "a"/],
    ['truncation', () => write({ a: { ...four, shape: [4], data_offsets: [0, 16] } }, data), /truncated/],
    [
      'a tensor named twice',
      () =>
        write(
          `{"a": ${JSON.stringify(four)}, "\\u0061": ${JSON.stringify({ ...four, shape: [1, 1] })}}`,
          data,
        ),
      /names a tensor twice/,
    ],
    ['bytes after the end', () => write({ a: four }, data), /4 bytes after the last tensor/],
  ];

  it.each(cases)('%s', (_, path, message) => {
    const bad = path();
    expect(() => SafetensorsFile.open(bad)).toThrow(message);
    expect(() => SafetensorsFile.open(bad)).toThrow(bad);
  });

  it('an empty file', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    writeFileSync(path, '');
    expect(() => SafetensorsFile.open(path)).toThrow(/0 bytes, too few for a header/);
  });
});
