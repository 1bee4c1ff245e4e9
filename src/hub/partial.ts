// What has arrived of a blob so far. Every download writes to a file of its own, which nobody else opens for writing, so
// that two at once cannot spoil each other's bytes; what others have left is taken up by copying it.
//   blobs/<etag>.part             left by a download that was stopped
//   blobs/<etag>.<8 digits>.part  of a download that runs, or that came to a sudden end
import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A running download writes more often than this; what is older was left by one that came to a sudden end. */
const ABANDONED_MS = 10 * 60_000;
const CHUNK_BYTES = 1 << 20;

/** A file of one's own. */
export interface PartialFile {
  path: string;
  handle: FileHandle;
  /** Bytes that it holds. */
  size: number;
}

/**
 * Creates a file for a blob, with what others have left of it.
 * @param limit bytes of the whole blob; more cannot be a part of it
 */
export async function openPartial(blob: string, limit: number): Promise<PartialFile> {
  const path = `${blob}.${randomUUID().slice(0, 8)}.part`;
  const { O_RDWR, O_CREAT, O_EXCL } = constants; // O_EXCL follows no link
  const handle = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o644);
  try {
    return { path, handle, size: await takeUp(blob, path, handle, limit) };
  } catch (error) {
    await discard({ path, handle });
    throw error;
  }
}

/** Leaves a file for the next download of the blob. */
export async function leave(
  { path, handle }: Pick<PartialFile, 'path' | 'handle'>,
  blob: string,
): Promise<void> {
  await handle.close();
  await rename(path, `${blob}.part`);
}

/** Closes and removes a file. */
export async function discard({ path, handle }: Pick<PartialFile, 'path' | 'handle'>): Promise<void> {
  await handle.close();
  await rm(path, { force: true });
}

/** Copies the longest of the parts that others have left, and removes those that nobody writes to. @returns its bytes */
async function takeUp(blob: string, own: string, handle: FileHandle, limit: number): Promise<number> {
  const names = await readdir(dirname(blob));
  const parts = names.filter((name) => name.startsWith(`${basename(blob)}.`) && name.endsWith('.part'));
  let size = 0;
  for (const part of parts.map((name) => join(dirname(blob), name))) {
    if (part === own) continue;
    const copied = await copy(part, handle, size, limit);
    size = Math.max(size, copied.bytes);
    if (copied.abandoned || part === `${blob}.part`) await rm(part, { force: true });
  }
  return size;
}

/** Copies a part, if it is longer than what is there. @returns its bytes, and whether it was left long ago */
async function copy(part: string, to: FileHandle, atLeast: number, limit: number) {
  const nothing = { bytes: 0, abandoned: true };
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let from: FileHandle;
  try {
    from = await open(part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK); // a FIFO opens at once, to be refused
  } catch {
    return nothing; // a link, or taken up by another download
  }
  try {
    const status = await from.stat();
    if (!status.isFile() || status.size > limit) return nothing;
    const abandoned = Date.now() - status.mtimeMs > ABANDONED_MS;
    if (status.size <= atLeast) return { bytes: 0, abandoned };
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let bytes = 0;
    while (bytes < status.size) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(CHUNK_BYTES, status.size - bytes), bytes);
      if (bytesRead === 0) break;
      await to.write(buffer, 0, bytesRead, bytes);
      bytes += bytesRead;
    }
    return { bytes, abandoned };
  } finally {
    await from.close();
  }
}
