// Merging shards: all of it or nothing, and nothing of what else lay there.
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'kn-edit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSet } from '../../src/sets/read.js';
import { mergeRuns } from '../../src/sweep/merge.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn } from './runs.js';

const items = readSet(join(KN_MINI, 'facts.json'))
  .items.filter(({ fact }) => fact.relation === 'symbol')
  .slice(0, 40);
const root = mkdtempSync(join(tmpdir(), 'kn-edit-merge-'));
const whole = join(root, 'whole');
const shards = join(root, 'shards');

afterAll(() => rmSync(root, { recursive: true }));

beforeAll(async () => {
  const session = new Session({ model: KN_MINI, db: join(root, 'ledger.db') });
  const sweep = (out: string, options: object) =>
    session.sweep(items, { out, do: 'locate', locate: { maxGeneric: 1 }, known: true, ...options });
  try {
    await sweep(whole, {});
    // With other settings, in the directory that the shards are merged into.
    await sweep(shards, { locate: { maxGeneric: 1, share: 0.9 } });
    for (const index of [1, 2, 3]) {
      const source = {
        path: `/machine-${index}/set.json`,
        format: 'facts',
        records: 40,
        setAside: [],
        partsLeftOut: [],
      };
      await sweep(shards, { shard: { index, of: 3 }, source });
    }
  } finally {
    await session.close();
  }
});

/** A copy of the shards, to be spoilt. */
function copied(): string {
  const directory = join(temporaryDirectory(), 'copy');
  cpSync(shards, directory, { recursive: true });
  return directory;
}

const keysIn = (directory: string) => resultsIn(directory).map(({ key }) => key);

it('makes of shards the run that one sweep makes, and keeps nothing of another one that lay there', () => {
  const out = copied();
  const stale = keysIn(out);
  expect(mergeRuns([out], out).counts).toEqual({ done: keysIn(whole).length, failed: 0, waiting: 0 });
  expect(keysIn(out)).toEqual(keysIn(whole));
  expect(keysIn(out).some((key) => stale.includes(key))).toBe(false);
  // Again, when a part has changed.
  expect(mergeRuns([out], out).counts.done).toBe(keysIn(whole).length);
});

it('gives each fact to one shard by its place in the set', () => {
  const places = [1, 2, 3].map((index) =>
    resultsIn(join(shards, `shard-${index}-of-3`)).map(({ place }) => place),
  );
  for (const [index, own] of places.entries()) {
    expect(own.length).toBeGreaterThan(0);
    expect(own.every((place) => Math.floor(place / 16) % 3 === index)).toBe(true);
  }
});

it.each([
  ['a shard', 'shard-2-of-3', 'of 3 shards, 2 is missing'],
  ['a manifest', 'shard-2-of-3/manifest.json', 'manifest.json is missing'],
  ['a database', 'shard-2-of-3/run.db', 'run.db: is missing'],
])('refuses where %s is missing, and changes nothing', (_, name, message) => {
  const directory = copied();
  const before = readFileSync(join(directory, 'results.jsonl'), 'utf8');
  rmSync(join(directory, name), { recursive: true });
  expect(() => mergeRuns([directory], directory)).toThrow(message);
  expect(readFileSync(join(directory, 'results.jsonl'), 'utf8')).toBe(before);
});

it('refuses a part that has not the jobs of its manifest, and then takes nothing of the others', () => {
  const directory = copied();
  const out = join(temporaryDirectory(), 'out');
  cpSync(join(shards, 'shard-1-of-3', 'run.db'), join(directory, 'shard-3-of-3', 'run.db'));
  expect(() => mergeRuns([directory], out)).toThrow(/run\.db: has 16 jobs where manifest\.json has 8/);
  cpSync(join(shards, 'shard-3-of-3', 'run.db'), join(directory, 'shard-3-of-3', 'run.db'));
  expect(mergeRuns([directory], out).counts.done).toBe(40);
});

it('refuses parts that chose other facts, or have other settings', () => {
  const directory = copied();
  const path = join(directory, 'shard-2-of-3', 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, chosen: { ...manifest.chosen, sha256: 'other' } }));
  expect(() => mergeRuns([directory], directory)).toThrow('their manifests differ in "chosen"');
  writeFileSync(path, JSON.stringify({ ...manifest, task: { ...manifest.task, seeds: 7 } }));
  expect(() => mergeRuns([directory], directory)).toThrow('their manifests differ in "task"');
});

it('refuses to merge a run into itself', () => {
  expect(() => mergeRuns([whole], whole)).toThrow('is one run already');
  const directory = copied();
  const part = join(directory, 'shard-1-of-3');
  expect(() => mergeRuns([directory], `${part}/.`)).toThrow('is one run already');
});

it('reads parts that cannot be written', () => {
  const directory = copied();
  const moved = `${directory}-moved`;
  renameSync(directory, moved);
  const out = join(temporaryDirectory(), 'out');
  const before = readFileSync(join(moved, 'shard-1-of-3', 'run.db'));
  expect(mergeRuns([moved], out).counts.done).toBe(40);
  expect(readFileSync(join(moved, 'shard-1-of-3', 'run.db')).equals(before)).toBe(true);
});
