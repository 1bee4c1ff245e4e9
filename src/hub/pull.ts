// Bringing a model from the hub into the cache: only what is needed, nothing twice, and visible when it is whole.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, KnEditError, systemReason } from '../errors.js';
import { readConfig } from '../lm/config.js';
import { CONFIG, shardNames, WEIGHTS, WEIGHTS_INDEX } from '../lm/files.js';
import {
  blobPath,
  cacheDirectory,
  hasSize,
  partialOf,
  showBlob,
  sizeOf,
  snapshotDirectory,
  writeRef,
} from './cache.js';
import { HubClient } from './client.js';
import { download } from './download.js';
import { type HubFile, type ModelListing, smallFiles, weightFiles } from './files.js';
import type { Repository } from './repository.js';

/** What a pull came to; the shape that scripts read. */
export interface PullResult {
  id: string;
  commit: string;
  /** The snapshot in the cache. */
  directory: string;
  files: { path: string; bytes: number; downloaded: boolean }[];
}

/** What a pull reports while it runs. */
export type PullProgress = (done: number, total: number, file: string) => void;

/** A pull under way. */
interface Job {
  client: HubClient;
  listing: ModelListing;
  signal: AbortSignal | undefined;
  onProgress: PullProgress;
}

/**
 * Downloads a model, or what is missing of it. Configuration and tokenizer come first, so that a model that cannot be
 * loaded is refused before its weights are fetched.
 * @throws InputError when there is no such model, it cannot be loaded, or the cache cannot be written
 * @throws NetworkError when the hub cannot be reached, or what it sends is damaged
 * @throws InterruptedError when the signal fires
 */
export async function pull(
  repository: Repository,
  signal: AbortSignal | undefined,
  onProgress: PullProgress,
): Promise<PullResult> {
  const client = new HubClient(repository, signal);
  const listing = await client.describe();
  const job = { client, listing, signal, onProgress };
  const { id, commit } = listing;
  try {
    const small = smallFiles(listing);
    const fetched = await fetchMissing(job, small);
    naming(listing, small, CONFIG, readConfig); // is its architecture supported?
    const shards = naming(listing, small, WEIGHTS_INDEX, shardNames);
    const weights = weightFiles(listing, shards ?? [WEIGHTS]);
    for (const etag of await fetchMissing(job, weights)) fetched.add(etag);

    const whole = [...small, ...weights].sort((a, b) => turn(a) - turn(b));
    for (const [i, file] of whole.entries()) {
      const pointer = pointerPath(listing, file);
      if (hasSize(pointer, file.size)) continue;
      const neededAgain = whole.slice(i + 1).some(({ etag }) => etag === file.etag);
      await showBlob(blobPath(id, file.etag), pointer, fetched.has(file.etag) && !neededAgain);
    }
    await writeRef(repository, commit);
    return {
      id,
      commit,
      directory: snapshotDirectory(id, commit),
      files: whole.map(({ path, size, etag }) => ({ path, bytes: size, downloaded: fetched.has(etag) })),
    };
  } catch (error) {
    if (error instanceof KnEditError || !(error instanceof Error && 'syscall' in error)) throw error;
    throw new InputError(
      `${cacheDirectory()}: cannot be written: ${systemReason(error)}; set HF_HOME to another place`,
    );
  }
}

/** Downloads those of the files that the cache does not have. @returns the etags of what was downloaded */
async function fetchMissing(
  { client, listing, signal, onProgress }: Job,
  files: readonly HubFile[],
): Promise<Set<string>> {
  const { id, commit } = listing;
  const absent = files.filter((file) => !hasSize(placeOf(listing, file), file.size));
  const missing = [...new Map(absent.map((file) => [file.etag, file])).values()]; // equal files are one blob
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  const begun = missing.reduce((sum, { etag }) => sum + sizeOf(partialOf(blobPath(id, etag))), 0);
  await checkSpace(id, total - begun);
  let before = 0;
  for (const file of missing) {
    await download({
      file,
      blob: blobPath(id, file.etag),
      request: (offset, stop) => client.open(commit, file.path, offset, stop),
      onBytes: (bytes) => onProgress(before + bytes, total, file.path),
      signal,
    });
    before += file.size;
  }
  return new Set(missing.map(({ etag }) => etag));
}

/** Weights appear in a snapshot after the rest, their index last: before them, the snapshot is not a model. */
function turn({ path }: HubFile): number {
  return path === WEIGHTS_INDEX ? 2 : Number(path.endsWith('.safetensors'));
}

function pointerPath({ id, commit }: ModelListing, { path }: HubFile): string {
  return join(snapshotDirectory(id, commit), path);
}

/** Where the bytes of a file lie in the cache: in its snapshot, else among the blobs, where it may yet have to arrive. */
function placeOf(listing: ModelListing, file: HubFile): string {
  const pointer = pointerPath(listing, file);
  return hasSize(pointer, file.size) ? pointer : blobPath(listing.id, file.etag);
}

/**
 * Reads one of the downloaded files, if it is among them.
 * @throws InputError that names the file of the repository, not the blob that it is in the cache
 */
function naming<T>(
  listing: ModelListing,
  files: readonly HubFile[],
  name: string,
  read: (path: string) => T,
): T | undefined {
  const file = files.find(({ path }) => path === name);
  if (!file) return undefined;
  const path = placeOf(listing, file);
  try {
    return read(path);
  } catch (error) {
    throw error instanceof InputError
      ? new InputError(error.message.replace(path, `${listing.id}: ${name}`))
      : error;
  }
}

/** @throws InputError when the disk has no room for so many bytes */
async function checkSpace(id: string, bytes: number): Promise<void> {
  const free = await statfs(cacheDirectory()).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY, // not there yet, or a system that does not tell
  );
  if (bytes <= free) return;
  const mb = (n: number) => `${Math.ceil(n / 1e6)} MB`;
  throw new InputError(
    `${id}: needs ${mb(bytes)}, ${cacheDirectory()} has room for ${mb(free)}; set HF_HOME to another place`,
  );
}
