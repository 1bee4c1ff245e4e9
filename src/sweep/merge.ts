// Joining the shards of a sweep, or parts that were made on several machines, to one run.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError, systemReason } from '../errors.js';
import { enumerated } from '../report/numbers.js';
import type { Manifest } from './manifest.js';
import type { SweepSummary } from './options.js';
import {
  filesOf,
  makeRunDirectory,
  readManifest,
  SHARD,
  withdrawManifest,
  writeRun,
} from './run-directory.js';
import { RunFile } from './run-file.js';
import type { RunPart } from './run-part.js';

/** A part, as its manifest describes it. */
interface Part {
  directory: string;
  manifest: Manifest;
}

/**
 * Joins the runs in some directories, each a run or a directory of shards, into one run; they stay as they are. What else
 * `out` was a run of is a part of it no more.
 * @throws InputError when they are not of one sweep, or shards or their files are missing; ConflictError when a sweep is at
 *   work there
 */
export function mergeRuns(directories: readonly string[], out: string): SweepSummary {
  const start = performance.now();
  const parts = directories.flatMap(partsIn);
  const [first] = parts;
  if (!first) throw new InputError(`${enumerated(directories)}: no run is there; name directories of --out`);
  for (const part of parts) expectSameSweep(first, part);
  if (first.manifest.task.sequential)
    throw new InputError(`${first.directory}: is of a sequential sweep, which has no parts to join`);
  expectAllShards(parts);
  if (parts.some(({ directory }) => resolve(directory) === resolve(out)))
    throw new InputError(`${out}: is one run already, of which others can be no part; choose another --out`);
  makeRunDirectory(out);
  const run = RunFile.open(filesOf(out).run);
  try {
    withdrawManifest(out);
    run.unite(parts.map(partOf));
    const counts = run.counts();
    const [startedAt = ''] = parts.map(({ manifest }) => manifest.startedAt).sort();
    const endings = parts.map(({ manifest }) => manifest.endedAt);
    const endedAt = endings.includes(null) ? null : (endings.sort().at(-1) ?? null);
    const { leftOut } = first.manifest;
    writeRun(out, run, { ...first.manifest, shard: null, counts, startedAt, endedAt });
    return { out, counts, computed: 0, leftOut, shard: null, seconds: (performance.now() - start) / 1000 };
  } finally {
    run.close();
  }
}

function partOf({ directory, manifest: { counts } }: Part): RunPart {
  return { path: filesOf(directory).run, jobs: counts.waiting + counts.done + counts.failed };
}

function partsIn(directory: string): Part[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => SHARD.test(name));
  } catch (error) {
    throw new InputError(`${directory}: cannot be read: ${systemReason(error)}`);
  }
  const own = names.length > 0 ? names.map((name) => join(directory, name)) : [directory];
  return own.map((one) => ({ directory: one, manifest: readManifest(one) }));
}

function expectSameSweep(first: Part, other: Part): void {
  const [one, two] = [sameForAll(first.manifest), sameForAll(other.manifest)];
  const differing = Object.keys(one).find((field) => !isDeepStrictEqual(one[field], two[field]));
  if (differing === undefined) return;
  throw new InputError(
    `${other.directory}: is not of the same sweep as ${first.directory}: their manifests differ in "${differing}"`,
  );
}

/** Of what all parts of a sweep say the same. Where the set lies is each machine's own. */
function sameForAll({ set, task, operation, choice, chosen, controls }: Manifest): Record<string, unknown> {
  return { 'set.sha256': set.sha256, task, operation, choice, chosen, controls };
}

function expectAllShards(parts: readonly Part[]): void {
  const shards = parts.flatMap(({ manifest }) => manifest.shard ?? []);
  const of = shards[0]?.of;
  if (of === undefined) return;
  if (shards.some((one) => one.of !== of))
    throw new InputError('the runs are shards of different numbers of shards');
  const all = Array.from({ length: of }, (_, i) => i + 1);
  const missing = all.filter((index) => !shards.some((one) => one.index === index));
  if (missing.length === 0) return;
  throw new InputError(
    `${enumerated(parts.map(({ directory }) => directory))}: of ${of} shards, ${enumerated(missing)} ` +
      `${missing.length === 1 ? 'is' : 'are'} missing; kn-edit sweep SET --shard ${missing[0]}/${of} makes one`,
  );
}
