// Writing files: a safetensors file from scratch, and any file whole. Everything is written under a temporary name,
// synced, and then given its own: it is there whole or not at all.
import { link, open, rename, rm } from 'node:fs/promises';
import { InputError, systemReason } from '../errors.js';
import { temporaryName, unfinished } from '../unfinished.js';

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

/**
 * Writes a file that is there whole or not at all, and that was not there before.
 * @throws InputError when the path exists or cannot be written
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx');
    const done = unfinished(temporary);
    try {
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await place(temporary, path);
    } finally {
      await rm(temporary, { force: true });
      done();
    }
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another place`);
  }
}

/** Gives a file its name, and replaces nothing by it. @throws what the system says, such as that the path exists */
export async function place(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch {
    // It exists, which "wx" says again, or the file system has no hard links.
    await (await open(path, 'wx')).close();
    await rename(temporary, path);
  }
}
