// The checksums that the hub gives: what is in the cache is what they say, or it is not used.
import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { InterruptedError } from '../errors.js';
import type { HubFile } from './files.js';

const CHUNK_BYTES = 1 << 20;

/** What is said of an interruption. */
export const KEPT = 'interrupted; what has arrived is kept for the next time';

/**
 * Whether an open file holds the bytes of a file of the hub: the SHA-256 of a large one; of a small one, which git
 * stores itself, git's SHA-1 (`blob SIZE\0` and the bytes).
 * @throws InterruptedError when the signal fires
 */
export async function holds(
  handle: FileHandle,
  { etag, size }: HubFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const status = await handle.stat();
  if (!status.isFile() || status.size !== size) return false;
  const hash = etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; position < size; ) {
    if (signal?.aborted) throw new InterruptedError(KEPT);
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return false;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex') === etag;
}

/**
 * Whether the file at a path is there and holds what it should.
 * @param links whether it may be a link, as files of a snapshot are
 */
export async function isSound(
  path: string,
  file: HubFile,
  { links = false, signal }: { links?: boolean; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDONLY | O_NONBLOCK | (links ? 0 : O_NOFOLLOW));
  } catch {
    return false; // not there, or not to be read: it is fetched
  }
  try {
    return await holds(handle, file, signal);
  } finally {
    await handle.close();
  }
}
