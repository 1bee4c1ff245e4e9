// Bringing a model from the hub into the cache: only what is needed, nothing twice, and visible when it is whole.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, KnEditError, systemReason } from '../errors.js';
import { readConfig } from '../lm/config.js';
import { CONFIG, shardNames, WEIGHTS, WEIGHTS_INDEX } from '../lm/files.js';
import { blobPath, showBlob, snapshotDirectory, writeRef } from './cache.js';
import { isSound } from './checksum.js';
import { HubClient } from './client.js';
import { download } from './download.js';
import { cacheDirectory, isOffline } from './environment.js';
import { ggufFile, type HubFile, type ModelListing, smallFiles, weightFiles } from './files.js';
import { type Repository, repositoryName } from './repository.js';

/** What a pull came to; the shape that scripts read. */
export interface PullResult {
  id: string;
  commit: string;
  /** The snapshot in the cache, or the GGUF file in it. */
  directory: string;
  files: { path: string; bytes: number; downloaded: boolean }[];
}

/** What a pull reports while it runs. */
type PullProgress = (done: number, total: number, file: string) => void;

/** A pull under way. */
interface Job {
  client: HubClient;
  listing: ModelListing;
  signal: AbortSignal | undefined;
  onProgress: PullProgress;
  /** Where the bytes of each file lie that were found sound, by its path in the repository. */
  places: Map<string, string>;
  /** Etags of what was downloaded. */
  fetched: Set<string>;
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
  if (isOffline()) {
    const name = repositoryName(repository);
    throw new InputError(`HF_HUB_OFFLINE is set, so nothing is downloaded; unset it to pull ${name}`);
  }
  const client = new HubClient(repository, signal);
  try {
    const listing = await client.describe();
    const job = { client, listing, signal, onProgress, places: new Map(), fetched: new Set<string>() };
    const { file } = repository;
    const files = file === undefined ? await bring(job) : await bringOne(job, file);
    const { id, commit } = listing;
    await writeRef(repository, commit);
    const snapshot = snapshotDirectory(id, commit);
    return {
      id,
      commit,
      directory: file === undefined ? snapshot : join(snapshot, file),
      files: files.map(({ path, size, etag }) => ({
        path,
        bytes: size,
        downloaded: job.fetched.has(etag),
      })),
    };
  } catch (error) {
    if (error instanceof KnEditError || !(error instanceof Error && 'syscall' in error)) throw error;
    throw new InputError(
      `${cacheDirectory()}: cannot be written: ${systemReason(error)}; set HF_HOME to another place`,
    );
  } finally {
    await client.close();
  }
}

/** Makes a GGUF file appear in the snapshot. @returns it */
async function bringOne(job: Job, name: string): Promise<HubFile[]> {
  const whole = [ggufFile(job.listing, name)];
  await fetchMissing(job, whole);
  await show(job, whole);
  return whole;
}

/** Makes the snapshot whole. @returns its files */
async function bring(job: Job): Promise<HubFile[]> {
  const { listing } = job;
  const small = smallFiles(listing);
  await fetchMissing(job, small);
  naming(job, small, CONFIG, readConfig); // is its architecture supported?
  const weights = weightFiles(listing, naming(job, small, WEIGHTS_INDEX, shardNames) ?? [WEIGHTS]);
  await fetchMissing(job, weights);

  const whole = [...small, ...weights].sort((a, b) => turn(a) - turn(b));
  await show(job, whole);
  return whole;
}

/** Makes files that are in the cache appear in the snapshot, in their order. */
async function show({ listing, places, fetched }: Job, whole: readonly HubFile[]): Promise<void> {
  for (const [i, file] of whole.entries()) {
    const pointer = pointerPath(listing, file);
    if (places.get(file.path) === pointer) continue;
    const neededAgain = whole.slice(i + 1).some(({ etag }) => etag === file.etag);
    await showBlob(blobPath(listing.id, file.etag), pointer, fetched.has(file.etag) && !neededAgain);
  }
}

/** Downloads those of the files that the cache does not have, or not as they should be. */
async function fetchMissing(
  { client, listing, signal, onProgress, places, fetched }: Job,
  files: readonly HubFile[],
): Promise<void> {
  const { id, commit } = listing;
  const missing = new Map<string, HubFile>(); // equal files are one blob
  for (const file of files) {
    const pointer = pointerPath(listing, file);
    const blob = blobPath(id, file.etag);
    if (await isSound(pointer, file, { links: true, signal })) places.set(file.path, pointer);
    else {
      places.set(file.path, blob);
      if (!(await isSound(blob, file, { signal }))) missing.set(file.etag, file);
    }
  }
  const total = [...missing.values()].reduce((sum, { size }) => sum + size, 0);
  await checkSpace(id, total);
  let before = 0;
  for (const file of missing.values()) {
    await download({
      file,
      blob: blobPath(id, file.etag),
      request: (offset, stop) => client.open(commit, file.path, offset, stop),
      onBytes: (bytes) => onProgress(before + bytes, total, file.path),
      signal,
    });
    fetched.add(file.etag);
    before += file.size;
  }
}

/** Weights appear in a snapshot after the rest, their index last: before them, the snapshot is not a model. */
function turn({ path }: HubFile): number {
  return path === WEIGHTS_INDEX ? 2 : Number(path.endsWith('.safetensors'));
}

function pointerPath({ id, commit }: ModelListing, { path }: HubFile): string {
  return join(snapshotDirectory(id, commit), path);
}

/**
 * Reads one of the downloaded files, if it is among them.
 * @throws InputError that names the file of the repository, not the blob that it is in the cache
 */
function naming<T>(
  { listing, places }: Job,
  files: readonly HubFile[],
  name: string,
  read: (path: string) => T,
): T | undefined {
  const path = files.some((file) => file.path === name) ? places.get(name) : undefined;
  if (path === undefined) return undefined;
  try {
    return read(path);
  } catch (error) {
    throw error instanceof InputError
      ? new InputError(error.message.replace(path, () => `${listing.id}: ${name}`))
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
