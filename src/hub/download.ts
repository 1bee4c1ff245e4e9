// One file from the network into the cache: resumed where it broke off, and shown to nobody before its checksum is
// right. This is what @huggingface/hub leaves out.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError, NetworkError } from '../errors.js';
import { hasSize, partialOf } from './cache.js';
import { TransientError } from './client.js';
import type { HubFile } from './files.js';

/** Connections in a row that bring no byte, before it is given up. */
const TRIES = 5;
/** After the first of them; each further one is twice as long. */
const PAUSE_MS = 200;
/** A connection that is silent for so long is taken for broken. */
const SILENCE_MS = 30_000;

export interface Download {
  file: HubFile;
  /** Where the file belongs when it is whole. */
  blob: string;
  /** Asks for the bytes from an offset on. */
  request: (offset: number, signal: AbortSignal) => Promise<Response>;
  /** Is told how many bytes of the file there are. */
  onBytes: (bytes: number) => void;
  signal?: AbortSignal | undefined;
  pauseMs?: number | undefined;
}

/**
 * Downloads a file; what an earlier run has left is continued. Two programs at once do each other no harm: both write
 * the same bytes to the same places.
 * @throws InterruptedError when the signal fires; what has arrived stays for the next time
 * @throws NetworkError when the connection breaks again and again, or the checksum is wrong (nothing is kept then)
 */
export async function download(task: Download): Promise<void> {
  const { file, blob } = task;
  const partial = partialOf(blob);
  await mkdir(dirname(blob), { recursive: true });
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  let resumed = false;
  try {
    const { size } = await handle.stat();
    const start = size <= file.size ? size : 0;
    resumed = start > 0;
    await fetchFrom(task, handle, start);
    await handle.truncate(file.size);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    if ((await checksum(partial, file)) === file.etag) return await rename(partial, blob);
  } catch (error) {
    if (hasSize(blob, file.size)) return; // another program was faster
    throw error;
  }
  await rm(partial, { force: true });
  if (resumed) return download(task); // the old part may have been damaged
  throw new NetworkError(
    `${file.path}: what arrived does not have the checksum that the hub gives (${file.etag.slice(0, 12)}…); ` +
      'nothing was kept, try again',
  );
}

/** Fetches what is missing, over as many connections as it takes. */
async function fetchFrom(task: Download, handle: FileHandle, start: number): Promise<void> {
  const { file, signal, onBytes, pauseMs = PAUSE_MS } = task;
  let have = start;
  let tries = 0;
  onBytes(have);
  while (have < file.size) {
    const before = have;
    try {
      for await (const bytes of receive(task, handle, have)) {
        have = bytes;
        onBytes(have);
      }
    } catch (error) {
      if (!signal?.aborted && !mayPass(error)) throw error;
    }
    if (signal?.aborted)
      throw new InterruptedError('interrupted; what has arrived is kept for the next time');
    if (have === file.size) return;
    tries = have > before ? 1 : tries + 1;
    if (tries > TRIES)
      throw new NetworkError(`${file.path}: the connection breaks again and again; try later`);
    await sleep(pauseMs * 2 ** (tries - 1), undefined, { signal }).catch(() => undefined); // seen above
  }
}

/** Writes the bytes of one connection to where they belong. @yields how many bytes of the file there are then */
async function* receive(task: Download, handle: FileHandle, offset: number): AsyncGenerator<number> {
  const { file, request, signal } = task;
  const silence = new AbortController();
  const clock = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await request(
      offset,
      AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]),
    );
    let have = startOf(response, offset);
    for await (const chunk of response.body ?? []) {
      clock.refresh();
      if (have + chunk.length > file.size) {
        throw new NetworkError(
          `${file.path}: more bytes come than the ${file.size} that the hub lists; refused`,
        );
      }
      await handle.write(chunk, 0, chunk.length, have);
      have += chunk.length;
      yield have;
    }
  } finally {
    clearTimeout(clock);
  }
}

/** Where an answer's bytes begin: a server may send the whole file instead of the rest of it. */
function startOf({ status, headers }: Response, offset: number): number {
  if (status !== 206) return 0;
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  if (Number(start) === offset) return offset;
  throw new NetworkError(
    `the hub sends bytes from ${start ?? 'nowhere'} where those from ${offset} were asked for`,
  );
}

/** Another try may help: the connection could not be made, broke, or fell silent. */
function mayPass(error: unknown): boolean {
  const broke = error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');
  return broke || error instanceof TransientError;
}

/** The SHA-256 of a large file; of a small one, which git stores itself, git's SHA-1 (`blob SIZE\0` and the bytes). */
async function checksum(path: string, { etag, size }: HubFile): Promise<string> {
  const hash = etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
