// A run's directory: where its files lie, and how they are written and read. `run.db` is the sweep's own; the other files are
// for everybody.
import { createReadStream, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { ConflictError, InputError, systemReason } from '../errors.js';
import { isPresent, makeDirectories, replaceFile, replaceLines } from '../files.js';
import { faultLine, inWords } from '../spec/faults.js';
import { parseJson, readText } from '../spec/json.js';
import { type Manifest, manifestSchema, type Shard } from './manifest.js';
import { failureSchema, resultSchema, type SweepFailure, type SweepResult } from './result.js';
import { RunFile } from './run-file.js';
import { checkSchema, type SequenceCheck } from './sequence/lines.js';

/** The files of a run. */
export function filesOf(directory: string) {
  return {
    run: join(directory, 'run.db'),
    manifest: join(directory, 'manifest.json'),
    results: join(directory, 'results.jsonl'),
    failures: join(directory, 'failures.jsonl'),
    relations: join(directory, 'relations.json'),
    sequence: join(directory, 'sequence.jsonl'),
  };
}

/**
 * Makes the directory of a run, unless it is there.
 * @throws InputError when it cannot be made, is none, or holds files that a run would write over
 */
export function makeRunDirectory(directory: string): void {
  makeOut(directory);
  const { run, ...files } = filesOf(directory);
  const foreign = isPresent(run) ? undefined : Object.values(files).find(isPresent);
  if (foreign === undefined) return;
  throw new InputError(`${foreign}: is there already, without the run.db of a sweep; choose another --out`);
}

/** Makes a directory that --out names. @throws InputError when it cannot be made, or is none */
export function makeOut(directory: string): void {
  if (isPresent(directory) && !statSync(directory).isDirectory())
    throw new InputError(`${directory}: is no directory; choose another --out`);
  try {
    makeDirectories(directory);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${directory}: cannot be made: ${systemReason(error)}; choose another --out`);
  }
}

/** Takes a run away of which nothing was planned. */
export function discardRun(directory: string): void {
  const { run } = filesOf(directory);
  for (const path of [run, `${run}-journal`]) remove(path);
}

/** The name of a shard's directory. */
export const SHARD = /^shard-\d+-of-\d+$/;

/** The directory of a shard: a run of its own. */
export function shardDirectory(directory: string, { index, of }: Shard): string {
  return join(directory, `shard-${index}-of-${of}`);
}

/**
 * Writes what everybody may read, each file whole or not at all; the manifest last, so that it is never there with results
 * of another plan.
 * @throws InputError when one cannot be written @internal
 */
export function writeRun(directory: string, run: RunFile, manifest: Manifest): void {
  const files = filesOf(directory);
  replaceLines(files.results, run.resultLines());
  replaceLines(
    files.failures,
    run.failures().map((one) => JSON.stringify(one)),
  );
  if (manifest.task.sequential) replaceLines(files.sequence, run.checkLines());
  else remove(files.sequence);
  replaceFile(files.manifest, `${JSON.stringify({ ...manifest, counts: run.counts() }, null, 2)}\n`);
}

/** Takes the manifest away, before what it describes becomes something else. @throws InputError @internal */
export function withdrawManifest(directory: string): void {
  remove(filesOf(directory).manifest);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw new InputError(`${path}: cannot be removed: ${systemReason(error)}`);
  }
}

/**
 * The manifest of a run whose other files are up to date: what a sweep that was killed did is written out first. Where one is
 * at work, or nothing can be written, the files are those that are there.
 * @throws InputError as `readManifest`
 */
export function upToDate(directory: string): Manifest {
  const run = openIdle(directory);
  try {
    const manifest = readManifest(directory);
    if (!run || manifest.endedAt !== null) return manifest;
    writeRun(directory, run, manifest);
    return readManifest(directory);
  } finally {
    run?.close();
  }
}

function openIdle(directory: string): RunFile | undefined {
  const { run } = filesOf(directory);
  if (!isPresent(run)) return undefined;
  try {
    return RunFile.open(run);
  } catch {
    return undefined;
  }
}

/**
 * @param state of the model at hand
 * @throws ConflictError when the run is of another model, or of other edits; InputError when it is sequential: its facts were
 *   located each in another state
 */
export function expectState(directory: string, { model, task }: Manifest, state: string): void {
  if (task.sequential) {
    throw new InputError(
      `${directory}: the run is sequential, so that each of its facts was located in another state; name one of --do locate`,
    );
  }
  if (task.state === state) return;
  throw new ConflictError(
    `${directory}: the run is of ${model.name} in another state; name its --model, and --db or --base as they were then`,
  );
}

/** @throws ConflictError when another sweep was begun there since the manifest was read */
export function expectUnchanged(directory: string, { startedAt }: Manifest): void {
  if (isPresent(filesOf(directory).manifest) && readManifest(directory).startedAt === startedAt) return;
  throw new ConflictError(`${directory}: another sweep was begun there meanwhile; try again`);
}

/** @throws InputError when there is no run there, or its manifest is none */
export function readManifest(directory: string): Manifest {
  const { manifest } = filesOf(directory);
  if (!isPresent(manifest)) {
    throw new InputError(
      `${directory}: holds no run of a sweep (${manifest} is missing); name a directory of --out`,
    );
  }
  const value = parseJson(manifest, readText(manifest));
  return ofThisVersion(manifest, value, manifestSchema, 'give the command of its sweep again');
}

/**
 * What a file of a run says, which nobody writes by hand.
 * @param fix what to do where it says something else than this version writes
 * @throws InputError that names the source and what is wrong with it
 */
export function ofThisVersion<T extends z.ZodType>(
  source: string,
  value: unknown,
  schema: T,
  fix: string,
): z.infer<T> {
  const { success, data, error } = schema.safeParse(value, { error: inWords });
  if (success) return data;
  throw new InputError(
    `${source}: another version of kn-edit has made it, or it was changed since; ${fix} (${faultLine(error)})`,
  );
}

/** The results of a run, one after the other. @throws InputError that names file and line */
export function readResults(directory: string): AsyncGenerator<SweepResult> {
  return readLines(filesOf(directory).results, resultSchema);
}

/** What failed in a run. @throws InputError that names file and line */
export function readFailures(directory: string): AsyncGenerator<SweepFailure> {
  return readLines(filesOf(directory).failures, failureSchema);
}

/** How the edits of a sequential sweep stand after every tenth. @throws InputError that names file and line */
export function readChecks(directory: string): AsyncGenerator<SequenceCheck> {
  return readLines(filesOf(directory).sequence, checkSchema);
}

async function* readLines<T extends z.ZodType>(path: string, schema: T): AsyncGenerator<z.infer<T>> {
  let number = 0;
  const stream = createReadStream(path);
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const source = `${path}: line ${++number}`;
      if (line.trim() === '') continue;
      yield ofThisVersion(source, parseJson(source, line), schema, 'give its sweep another --out');
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  } finally {
    stream.destroy();
  }
}
