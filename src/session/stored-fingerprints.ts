// The fingerprints of a model that is not loaded. Those of large models are kept in the user's cache, by what the system
// knows of their files, so that they are hashed once.
import { createHash } from 'node:crypto';
import { closeSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, systemReason } from '../errors.js';
import { openRegular, readRegular } from '../files.js';
import { type ModelFiles, modelFiles } from '../lm/files.js';
import { type Fingerprints, fingerprintsOf } from '../lm/fingerprint.js';
import { MAX_JSON_BYTES } from '../spec/json.js';
import { readCached, userCache, writeCached } from '../user-cache.js';

/** Models below this are hashed within a tenth of a second. */
const WORTH_KEEPING_BYTES = 1 << 26;
const CHUNK_BYTES = 1 << 22;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const stored = z.object({ fingerprint: hex, formerFingerprint: hex });

/** The files that make a model what it is, at one moment. */
export interface SeenFiles {
  files: ModelFiles;
  /** Where the fingerprints of just these files are kept; undefined for a small model, or where nothing can be kept. */
  cache: string | undefined;
}

/** @throws InputError when a file that a model needs is missing */
export function lookAtFiles(model: string): SeenFiles {
  const files = modelFiles(model);
  const { small, weights, last = [] } = files;
  const status = [...small, ...weights].concat(last).map((path) => statSync(path, { bigint: true }));
  const bytes = status.reduce((sum, { size }) => sum + size, 0n);
  if (bytes < WORTH_KEEPING_BYTES) return { files, cache: undefined };
  const seen = status.map(({ dev, ino, size, mtimeNs, ctimeNs }) =>
    [dev, ino, size, mtimeNs, ctimeNs].join(),
  );
  const key = createHash('sha256')
    .update([realpathSync(model), ...seen].join('\n'))
    .digest('hex');
  const place = userCache('fingerprints');
  return { files, cache: place && join(place, `${key}.json`) };
}

/** The fingerprints of a checkpoint. @throws InputError when a file is missing or cannot be read */
export function fingerprintsIn(model: string): Fingerprints {
  const seen = lookAtFiles(model);
  const known = readCached(seen.cache, stored);
  if (known) return known;
  const hash = createHash('sha256');
  const { small, weights, last } = seen.files;
  for (const path of [...small, ...weights]) eachChunk(path, (chunk) => hash.update(chunk));
  const behind = last === undefined ? undefined : readRegular(last, MAX_JSON_BYTES);
  const found = fingerprintsOf(hash.digest('hex'), behind);
  remember(model, seen, found);
  return found;
}

/** Keeps the fingerprints of a large model, unless its files have changed since they were looked at. */
export function remember(model: string, { cache }: SeenFiles, found: Fingerprints): void {
  if (cache === undefined || lookAtFiles(model).cache !== cache) return;
  const { fingerprint, formerFingerprint } = found;
  writeCached(cache, { fingerprint, formerFingerprint });
}

function eachChunk(path: string, visit: (chunk: Buffer) => void): void {
  const { fd } = openRegular(path);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let count = -1; count !== 0; ) {
      count = readSync(fd, chunk);
      visit(chunk.subarray(0, count));
    }
  } catch (error) {
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  } finally {
    closeSync(fd);
  }
}
