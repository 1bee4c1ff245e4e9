// kn-edit set info and set convert: what they print, for people and for scripts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectFailure, ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const sample = (name: string) => join(ROOT, 'fixtures/sets', name);

it('info counts records, facts, relations, and what cannot be used', async () => {
  const run = await runCli(['set', 'info', sample('knowedit.json'), '--json']);
  expect([run.code, run.stderr]).toEqual([0, '']);
  expect(JSON.parse(run.stdout)).toEqual({
    format: 'knowedit',
    title: 'KnowEdit',
    records: 3,
    facts: 2,
    relations: 2,
    byRelation: { 'The name of the position held by [X] is': 1, 'Which family does [X] belong to?': 1 },
    prompts: 2,
    edits: 2,
    model: null,
    usable: 2,
    unusable: [{ reason: 'it names no true answer', count: 1 }],
    leftOut: [],
    notes: [],
  });
  const text = await runCli(['set', 'info', sample('pararel')]);
  expect(text.stdout).toContain('ParaRel (patterns and facts): 6 records');
  expect(text.stdout).toMatch(/ P36 +3\n/);
  const csv = await runCli(['set', 'info', sample('pararel'), '--format', 'csv']);
  expect(csv.stdout).toBe('relation,facts\nP1376,3\nP36,3\n');
});

it('info with a model counts why facts cannot be asked', async () => {
  const run = await runCli(['set', 'info', sample('zsre.json'), '--model', 'kn-mini', '--json']);
  const { usable, unusable, model } = JSON.parse(run.stdout);
  expect([model, usable]).toEqual(['kn-mini', 0]);
  expect(unusable.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(4);
});

it('convert writes lines that are read again with the same ids', async () => {
  const cwd = temporaryDirectory();
  const run = await runCli(['set', 'convert', sample('counterfact-rome.json'), '--out', 'facts.jsonl'], {
    cwd,
  });
  expect(run.stdout).toContain('4 records read, 4 facts written to facts.jsonl');
  expect(run.stdout).toMatch(/attribute_prompts +10/);
  const ids = readFileSync(join(cwd, 'facts.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  expect(ids).toEqual(['0', '4402', '1004', '1050']);
  const again = await runCli(['set', 'info', 'facts.jsonl', '--json'], { cwd });
  expect(JSON.parse(again.stdout)).toMatchObject({ format: 'kn-edit', records: 4, facts: 4, edits: 4 });
  expectFailure(await runCli(['set', 'convert', sample('zsre.json'), '--out', 'facts.jsonl'], { cwd }), 2, [
    'facts.jsonl: exists already; choose another --out',
  ]);
});

it('a file that is no data set is refused', async () => {
  expectFailure(await runCli(['set', 'info', join(ROOT, 'package.json')]), 2, [
    'is of no format that is known',
  ]);
  expectFailure(await runCli(['set', 'info', 'nowhere.json']), 2, ['nowhere.json: cannot be read']);
  expectFailure(await runCli(['set', 'info', sample('zsre.json'), '--edit']), 2, ['--edit: ', '--model']);
});
