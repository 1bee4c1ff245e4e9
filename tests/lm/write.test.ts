// Writing tensors: rounding to half and bfloat16, and files that can be read again.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toBfloat16, toHalf } from '../../src/lm/half.js';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { writeSafetensors } from '../../src/lm/write.js';
import { temporaryDirectory } from '../support/temporary.js';

describe('rounding', () => {
  it.each([
    [0, 0],
    [1, 0x3c00],
    [-2.5, 0xc100],
    [65504, 0x7bff], // the largest half
    [65519, 0x7bff],
    [65520, 0x7c00], // halfway to the next: infinity
    [2 ** -24, 0x0001], // the smallest subnormal
    [2 ** -25, 0x0000], // a tie, to even
    [1 + 2 ** -11, 0x3c00], // a tie, to even
    [1 + 3 * 2 ** -11, 0x3c02], // a tie, to even
    [2047.75, 0x67ff + 1], // rounds up into the next exponent
  ])('%d to half', (value, expected) => {
    expect(toHalf(value)).toBe(expected);
  });

  it('every finite half comes back', () => {
    for (let h = 0; h < 0x7c00; h++) {
      const exponent = h >> 10;
      const fraction = h & 0x3ff;
      const value = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
      expect(toHalf(value)).toBe(h);
      if (h > 0) expect(toHalf(-value)).toBe(h | 0x8000);
    }
  });

  it.each([
    [1, 0x3f80],
    [-2.5, 0xc020],
    [1 + 2 ** -8, 0x3f80], // a tie, to even
    [1 + 3 * 2 ** -8, 0x3f82],
  ])('%d to bfloat16', (value, expected) => {
    expect(toBfloat16(value)).toBe(expected);
  });
});

it('a written file reads back, and an existing one is not overwritten', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'x.safetensors');
  const tensors = [
    { name: 'a', shape: [2, 2], values: new Float32Array([1, 2, 3, 4]) },
    { name: 'b', shape: [1], values: new Float32Array([-0.5]) },
  ];
  await writeSafetensors(path, tensors, { format: 'test' });
  const file = SafetensorsFile.open(path);
  const found = [...file.tensors.values()].map((entry) => ({
    name: entry.name,
    shape: entry.shape,
    values: file.read(entry),
  }));
  file.close();
  expect(found).toEqual(tensors);
  const bytes = readFileSync(path);
  await expect(writeSafetensors(path, tensors.slice(1), {})).rejects.toThrow(
    `${path}: cannot be written: it exists already; choose another place`,
  );
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(readdirSync(directory)).toEqual(['x.safetensors']);
  await expect(writeSafetensors(join(directory, 'no/x'), tensors, {})).rejects.toThrow(/cannot be written/);
});
