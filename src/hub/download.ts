// One file from the network into the cache: resumed where it broke off, and shown to nobody before its checksum is
// right. This is what @huggingface/hub leaves out.
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'undici';
import { InterruptedError, NetworkError } from '../errors.js';
import { makeDirectories } from '../files.js';
import { holds, isSound, KEPT } from './checksum.js';
import { BusyError, reasonOf, TransientError } from './failures.js';
import type { HubFile } from './files.js';
import { discard, leave, openPartial, type PartialFile } from './partial.js';

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
 * Downloads a file; what earlier downloads have left is taken up. Two at once do each other no harm: each writes to a
 * file of its own, which takes its place when it has been verified.
 * @throws InterruptedError when the signal fires; what has arrived stays for the next time
 * @throws NetworkError when the connection breaks again and again, or the checksum is wrong (nothing is kept then)
 */
export async function download(task: Download): Promise<void> {
  const { file, blob, signal } = task;
  makeDirectories(dirname(blob));
  const part = await openPartial(blob, file.size);
  try {
    await complete(task, part);
  } catch (error) {
    const end = part.size > 0 ? leave(part, blob) : discard(part);
    await end.catch(() => undefined); // there is something worse to tell
    throw error;
  }
  await part.handle.close();
  try {
    await rename(part.path, blob);
  } catch (error) {
    if (!(await isSound(blob, file, { signal }))) throw error; // else another program was faster
  }
}

/** Fetches what is missing of a file until it has its checksum; what was taken up may have been damaged. */
async function complete(task: Download, part: PartialFile): Promise<void> {
  const { file, signal } = task;
  const resumed = part.size > 0;
  await fetchRest(task, part);
  if (await holds(part.handle, file, signal)) return part.handle.sync();
  await part.handle.truncate(0);
  part.size = 0;
  if (resumed) return complete(task, part);
  throw new NetworkError(
    `${file.path}: what arrived does not have the checksum that the hub gives (${file.etag.slice(0, 12)}…); ` +
      'nothing was kept, try again',
  );
}

/** Fetches what is missing, over as many connections as it takes. */
async function fetchRest(task: Download, part: PartialFile): Promise<void> {
  const { file, signal, onBytes, pauseMs = PAUSE_MS } = task;
  let tries = 0;
  onBytes(part.size);
  while (part.size < file.size) {
    const before = part.size;
    let failure: unknown;
    try {
      await receive(task, part);
    } catch (error) {
      if (!signal?.aborted && !(error instanceof TransientError)) throw error;
      failure = error;
    }
    if (signal?.aborted) throw new InterruptedError(KEPT);
    if (part.size === file.size) return;
    tries = part.size > before ? 1 : tries + 1;
    if (tries > TRIES) {
      if (failure instanceof BusyError) throw failure;
      throw new NetworkError(`${file.path}: the connection breaks again and again; try later`);
    }
    const asked = (failure instanceof BusyError && failure.waitMs) || 0;
    await sleep(Math.max(asked, pauseMs * 2 ** (tries - 1)), undefined, { signal }).catch(() => undefined); // seen above
  }
}

/** Writes the bytes of one connection to where they belong. */
async function receive(task: Download, part: PartialFile): Promise<void> {
  const { file, request, signal, onBytes } = task;
  const silence = new AbortController();
  const clock = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const stop = AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]);
    const response = await request(part.size, stop);
    let have = startOf(response, part.size);
    for await (const chunk of bodyOf(response)) {
      clock.refresh();
      if (have + chunk.length > file.size) {
        throw new NetworkError(
          `${file.path}: more bytes come than the ${file.size} that the hub lists; refused`,
        );
      }
      await part.handle.write(chunk, 0, chunk.length, have);
      have += chunk.length;
      part.size = have;
      onBytes(have);
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

/** @throws TransientError when the connection breaks or falls silent */
async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw new TransientError(`the connection broke (${reasonOf(error)})`);
  }
}
