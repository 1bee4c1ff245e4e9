// Writing files: a safetensors file from scratch, and any file whole. Everything is written under a temporary name,
// synced, and renamed: it is there whole or not at all.
import { open, rename, rm } from 'node:fs/promises';
import { InputError, systemReason } from '../errors.js';
import { unfinished } from '../unfinished.js';

/** A float32 tensor on its way into a file. */
export interface OutTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

/**
 * Writes a safetensors file of float32 tensors.
 * @throws InputError when the path exists or cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly OutTensor[],
  metadata: Record<string, string>,
): Promise<void> {
  const entries = tensors.map(({ name, shape, values }) => {
    return { name, dtype: 'F32', shape, bytes: values.byteLength };
  });
  const data = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  await writeWhole(path, Buffer.concat([headOf(entries, metadata), ...data]));
}

/** The head of a safetensors file: the length of the header, and the header. @param tensors as they lie in the file */
export function headOf(
  tensors: readonly { name: string; dtype: string; shape: readonly number[]; bytes: number }[],
  metadata: unknown,
): Buffer {
  const header: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    header.push([name, { dtype, shape, data_offsets: [offset, offset + bytes] }]);
    offset += bytes;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** Writes a file that is there whole or not at all, and that was not there before. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const done = unfinished(temporary);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another place`);
  } finally {
    done();
  }
}
