// Long reads let Ctrl-C be seen.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { convertSet } from '../../src/sets/convert.js';
import { describeSet } from '../../src/sets/info.js';
import { patiently } from '../../src/sets/patient.js';
import { readSet, readSetPatiently } from '../../src/sets/read.js';
import { temporaryDirectory } from '../support/temporary.js';

/** More facts than can be read in one turn. */
function longSet(): string {
  const path = join(temporaryDirectory(), 'set.jsonl');
  const line = (i: number) => {
    const prompts = [`The capital of Country ${i} is [MASK].`];
    return JSON.stringify({ subject: `Country ${i}`, relation: 'capital', object: 'Paris', prompts });
  };
  writeFileSync(path, Array.from({ length: 20_000 }, (_, i) => `${line(i)}\n`).join(''));
  return path;
}

it('stops when the signal fires, and leaves no unfinished file', async () => {
  const [path, out] = [longSet(), join(temporaryDirectory(), 'out.jsonl')];
  const stopped = (work: (signal: AbortSignal) => Promise<unknown>) => {
    const abort = new AbortController();
    setImmediate(() => abort.abort());
    return expect(work(abort.signal)).rejects.toThrow('interrupted');
  };
  await stopped((signal) => readSetPatiently(path, signal));
  await stopped((signal) => describeSet(path, undefined, signal));
  await stopped((signal) => convertSet(path, out, signal));
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(join(out, '..'))).toEqual([]);
});

it('reads what is read at once', async () => {
  const path = longSet();
  expect(await readSetPatiently(path)).toEqual(readSet(path));
  const found: number[] = [];
  for await (const one of patiently([1, 2, 3])) found.push(one);
  expect(found).toEqual([1, 2, 3]);
});
