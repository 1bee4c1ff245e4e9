// Runs of sweeps for tests: small sets, and what lies in a run directory.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readSet } from '../../src/sets/read.js';
import { resultSchema, type SweepResult, TIMES } from '../../src/sweep/result.js';
import { runCli } from '../support/cli.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

interface Relation {
  templates: string[];
  heldOut?: number[];
  facts: { subject: string; object: string; heldOut?: number[] }[];
}

/** The facts that kn-mini was trained on. */
export const facts: Record<string, Relation> = JSON.parse(readFileSync(join(KN_MINI, 'facts.json'), 'utf8'));

/** A set of the first facts of some relations. */
export function smallSet(count: number, relations: readonly string[] = ['capital', 'symbol']): string {
  const path = join(temporaryDirectory(), 'set.json');
  const chosen = relations.map((name) => {
    const own = facts[name] as Relation;
    return [name, { ...own, facts: own.facts.slice(0, count) }];
  });
  writeFileSync(path, JSON.stringify(Object.fromEntries(chosen)));
  return path;
}

/** The items of such a set. */
export function smallItems(count: number, relations?: readonly string[]) {
  return readSet(smallSet(count, relations)).items;
}

/** Without the background, which takes longer than a few facts; on an engine that rounds alike everywhere. */
export const QUICK = ['--max-generic', '1', '--engine', 'wasm'];

export function sweepCli(set: string, out: string, ...more: string[]) {
  return runCli(['sweep', set, '--out', out, ...QUICK, ...more]);
}

export function resultsIn(out: string): SweepResult[] {
  const text = readFileSync(join(out, 'results.jsonl'), 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => resultSchema.parse(JSON.parse(line)));
}

/** results.jsonl without the times. */
export function timelessLines(out: string): string[] {
  return resultsIn(out).map((result) =>
    JSON.stringify({ ...result, ...Object.fromEntries(TIMES.map((time) => [time, 0])) }),
  );
}

export function failuresIn(out: string) {
  const lines = readFileSync(join(out, 'failures.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map(
    (line) => JSON.parse(line) as { id: string; kind: string; tries: number; message: string },
  );
}
