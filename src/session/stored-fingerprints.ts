// The fingerprints of a model that is not loaded. The files of a large one are hashed once.
import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { z } from 'zod';
import { InputError, systemReason } from '../errors.js';
import { openRegular, readRegular } from '../files.js';
import { type Fingerprints, fingerprintsOf } from '../lm/fingerprint.js';
import { lookAtFiles, recall, remember } from '../lm/known-files.js';
import { MAX_JSON_BYTES } from '../spec/json.js';

const CHUNK_BYTES = 1 << 22;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const stored = z.object({ fingerprint: hex, formerFingerprint: hex });

/** The fingerprints of a checkpoint. @throws InputError when a file is missing or cannot be read */
export function fingerprintsIn(model: string): Fingerprints {
  const seen = lookAtFiles(model);
  const known = recall('fingerprints', seen, stored);
  if (known) return known;
  const hash = createHash('sha256');
  const { small, weights, last } = seen.files;
  for (const path of [...small, ...weights]) eachChunk(path, (chunk) => hash.update(chunk));
  const behind = last === undefined ? undefined : readRegular(last, MAX_JSON_BYTES);
  const found = fingerprintsOf(hash.digest('hex'), behind);
  remember('fingerprints', seen, found);
  return found;
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
