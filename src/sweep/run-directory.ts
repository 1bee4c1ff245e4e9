// A run's directory: where its files lie, and how they are written and read. `run.db` is the sweep's own; the other files are
// for everybody.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { InputError, systemReason } from '../errors.js';
import { isPresent, replaceFile, replaceLines } from '../files.js';
import { parseJson, readJson, validate } from '../spec/json.js';
import { type Manifest, manifestSchema, type Shard } from './manifest.js';
import { failureSchema, resultSchema, type SweepFailure, type SweepResult } from './result.js';
import type { RunFile } from './run-file.js';

/** The files of a run. */
export function filesOf(directory: string) {
  return {
    run: join(directory, 'run.db'),
    manifest: join(directory, 'manifest.json'),
    results: join(directory, 'results.jsonl'),
    failures: join(directory, 'failures.jsonl'),
  };
}

/** The name of a shard's directory. */
export const SHARD = /^shard-\d+-of-\d+$/;

/** The directory of a shard: a run of its own. */
export function shardDirectory(directory: string, { index, of }: Shard): string {
  return join(directory, `shard-${index}-of-${of}`);
}

/** Writes what everybody may read, each file whole or not at all. @throws InputError when one cannot be written @internal */
export function writeRun(directory: string, run: RunFile, manifest: Manifest): void {
  const files = filesOf(directory);
  replaceLines(files.results, run.resultLines());
  replaceLines(
    files.failures,
    run.failures().map((one) => JSON.stringify(one)),
  );
  writeManifest(directory, { ...manifest, counts: run.counts() });
}

export function writeManifest(directory: string, manifest: Manifest): void {
  replaceFile(filesOf(directory).manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws InputError when there is no run there, or its manifest is none */
export function readManifest(directory: string): Manifest {
  const { manifest } = filesOf(directory);
  if (!isPresent(manifest)) {
    throw new InputError(
      `${directory}: holds no run of a sweep (${manifest} is missing); name a directory of --out`,
    );
  }
  return readJson(manifest, manifestSchema);
}

/** The results of a run, one after the other. @throws InputError that names file and line */
export function readResults(directory: string): AsyncGenerator<SweepResult> {
  return readLines(filesOf(directory).results, resultSchema);
}

/** What failed in a run. @throws InputError that names file and line */
export function readFailures(directory: string): AsyncGenerator<SweepFailure> {
  return readLines(filesOf(directory).failures, failureSchema);
}

async function* readLines<T extends z.ZodType>(path: string, schema: T): AsyncGenerator<z.infer<T>> {
  let number = 0;
  const stream = createReadStream(path);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const source = `${path}: line ${++number}`;
      if (line.trim() !== '') yield validate(source, parseJson(source, line), schema);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  } finally {
    stream.destroy();
  }
}
