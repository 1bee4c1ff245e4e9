// What was found out about the files of a large model, kept in the user's cache by what the system knows of them: it
// takes seconds to read gigabytes again.
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { readCached, userCache, writeCached } from '../user-cache.js';
import { type ModelFiles, modelFiles } from './files.js';

/** Models below this are read within a tenth of a second. */
const WORTH_KEEPING_BYTES = 1 << 26;

/** What is kept: SHA-256 over the files; the version of the program that found all weights it needs to be finite. */
export type Finding = 'fingerprints' | 'finite';

/** The files that make a model what it is, at one moment. */
export interface SeenFiles {
  model: string;
  files: ModelFiles;
  /** Another one when any of them changes; undefined for a small model, of which nothing is kept. */
  key: string | undefined;
}

/** @throws InputError when a file that a model needs is missing */
export function lookAtFiles(model: string): SeenFiles {
  const files = modelFiles(model);
  const { small, weights, last = [] } = files;
  const status = [...small, ...weights].concat(last).map((path) => statSync(path, { bigint: true }));
  const bytes = status.reduce((sum, { size }) => sum + size, 0n);
  if (bytes < WORTH_KEEPING_BYTES) return { model, files, key: undefined };
  const seen = status.map(({ dev, ino, size, mtimeNs, ctimeNs }) =>
    [dev, ino, size, mtimeNs, ctimeNs].join(),
  );
  const key = createHash('sha256')
    .update([realpathSync(model), ...seen].join('\n'))
    .digest('hex');
  return { model, files, key };
}

/** The same; undefined where a file is missing, which is for whoever opens it to say. */
export function lookIfThere(model: string): SeenFiles | undefined {
  try {
    return lookAtFiles(model);
  } catch {
    return undefined;
  }
}

/** What is known of just these files; undefined where nothing is. */
export function recall<T>(finding: Finding, seen: SeenFiles, schema: z.ZodType<T>): T | undefined {
  return readCached(placeOf(finding, seen), schema);
}

/** Keeps what was found, unless the files have changed since they were looked at. */
export function remember(finding: Finding, seen: SeenFiles, value: unknown): void {
  if (isUnchanged(seen)) writeCached(placeOf(finding, seen), value);
}

/** Whether the files are still those that were looked at. Always false for a small model. */
export function isUnchanged({ model, key }: SeenFiles): boolean {
  return key !== undefined && lookIfThere(model)?.key === key;
}

function placeOf(finding: Finding, { key }: SeenFiles): string | undefined {
  const place = userCache(finding);
  return place && key && join(place, `${key}.json`);
}
