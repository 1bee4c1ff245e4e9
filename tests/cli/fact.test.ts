// kn-edit fact: from subject, relation and object to a fact file that locate takes, on the real model.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { factSchema } from '../../src/spec/edit-file.js';
import { runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

const KAZAKHSTAN = ['--subject', 'Kazakhstan', '--relation', 'P36', '--object', 'Almaty'];

const answers = z.array(z.strictObject({ id: z.number(), token: z.string(), prob: z.number() }));
const asked = z.strictObject({
  prompt: z.string(),
  kept: z.boolean(),
  prob: z.number(),
  rank: z.number(),
  top: answers.length(3),
  unknownWords: z.array(z.string()),
});
const made = z.strictObject({
  fact: factSchema,
  prompts: z.array(
    z.union([asked, z.strictObject({ prompt: z.string(), kept: z.boolean(), problem: z.string() })]),
  ),
  diversity: z.strictObject({ words: z.number(), coarse: z.number().nullable() }),
  warnings: z.array(z.string()),
});

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

describe('kn-edit fact new', () => {
  test('keeps the prompts that the model answers, and writes a file that locate takes', async () => {
    const cwd = temporaryDirectory();
    const run = await runCli(['fact', 'new', ...KAZAKHSTAN, '--out', 'fact.json', '--json'], { cwd });
    expect(run.code, run.stderr).toBe(0);
    const { fact, prompts, diversity, warnings } = made.parse(JSON.parse(run.stdout));
    expect(factSchema.parse(JSON.parse(readFileSync(join(cwd, 'fact.json'), 'utf8')))).toEqual(fact);
    expect(fact).toMatchObject({ subject: 'Kazakhstan', relation: 'capital', object: 'Almaty' });
    expect(prompts.filter(({ kept }) => kept).map(({ prompt }) => prompt)).toEqual(fact.prompts);
    for (const one of prompts) {
      if ('problem' in one) throw new Error(one.problem);
      expect(one.kept).toBe(one.rank === 1 && one.unknownWords.length === 0);
      expect(one.rank === 1).toBe(one.top[0]?.token === 'Almaty');
      // As one asks for it alone.
      if (one.rank <= 3) expect(one.top[one.rank - 1]?.prob).toBeCloseTo(one.prob, 6);
    }
    expect(fact.prompts.length).toBeGreaterThan(8); // those that the model was trained on, and further ones
    // What its fact base keeps for measuring stays for measuring.
    expect(prompts.map(({ prompt }) => prompt)).not.toContain(
      'The parliament of Kazakhstan meets in [MASK] every year.',
    );
    expect(warnings).toEqual([]);
    expect(diversity.coarse).toBeNull();
    expect(diversity.words).toBeGreaterThan(0.05);
    expect(diversity.words).toBeLessThan(0.4);
    const located = await runCli(['locate', 'fact.json', '--max-generic', '1', '--json'], { cwd });
    expect(located.code, located.stderr).toBe(0);
    const { consistency } = z
      .object({ consistency: z.object({ jaccard: z.number() }) })
      .parse(JSON.parse(located.stdout));
    const again = await runCli(['fact', 'new', ...KAZAKHSTAN, '--locate', '--json'], { cwd });
    expect(made.parse(JSON.parse(again.stdout)).diversity.coarse).toBeCloseTo(consistency.jaccard, 12);
  });

  test('says what is missing, what it does not know, and what stands in the way, a line each', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'there.json'), '');
    const lines: [string[], RegExp][] = [
      [['--subject', 'Kazakhstan', '--relation', 'P36'], /^kn-edit: --object: is missing\n$/],
      [
        ['--subject', 'K', '--relation', 'captial', '--object', 'A'],
        /^kn-edit: --relation: no wordings of "captial".*did you mean "capital"\?\n$/,
      ],
      [
        ['--subject', 'Kazakhstan', '--relation', 'P36', '--object', 'Blub'],
        /^kn-edit: --object: .*"Blub".*vocabulary[^\n]*\n$/,
      ],
      [
        ['--subject', '', '--relation', 'P36', '--object', 'Almaty'],
        /^kn-edit: .*subject: must not be empty\n$/,
      ],
      [
        [...KAZAKHSTAN, '--out', 'there.json'],
        /^kn-edit: there\.json: cannot be written: it exists already; choose another --out\n$/,
      ],
    ];
    for (const [args, message] of lines) {
      const { code, stdout, stderr } = await runCli(['fact', 'new', ...args], { cwd });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
    expect(readFileSync(join(cwd, 'there.json'), 'utf8')).toBe('');
  });

  test('keeps all that can be asked where the model does not hold the fact, and says so', async () => {
    const args = ['--subject', 'Kazakhstan', '--relation', 'capital', '--object', 'Paris', '--json'];
    const { fact, prompts, warnings } = made.parse(
      JSON.parse((await runCli(['fact', 'new', ...args])).stdout),
    );
    expect(fact.prompts).toHaveLength(prompts.length);
    expect(warnings.join()).toContain(`the model answers 0 of ${prompts.length} prompts with "Paris"`);
  });

  test('reads patterns of ParaRel in place of its own wordings', async () => {
    const cwd = temporaryDirectory();
    const patterns = ['The capital of [X] is [Y] .', '[Y] is the capital of [X].', 'Nowhere in [X] is [Y].'];
    const lines = patterns.map((pattern) => `${JSON.stringify({ pattern, lemma: 'capital' })}\n`);
    writeFileSync(join(cwd, 'P36.jsonl'), lines.join(''));
    writeFileSync(join(cwd, 'bad.jsonl'), '{"pattern": "The capital is [Y]."}\n');
    const args = ['fact', 'new', ...KAZAKHSTAN, '--json', '--patterns'];
    const { fact, prompts } = made.parse(JSON.parse((await runCli([...args, 'P36.jsonl'], { cwd })).stdout));
    expect(prompts.map(({ prompt }) => prompt)).toEqual([
      'The capital of Kazakhstan is [MASK] .',
      '[MASK] is the capital of Kazakhstan.',
      'Nowhere in Kazakhstan is [MASK].',
    ]);
    expect(fact.prompts.slice(0, 2)).toEqual(prompts.slice(0, 2).map(({ prompt }) => prompt));
    const bad = await runCli([...args, 'bad.jsonl'], { cwd });
    expect(bad.code).toBe(2);
    expect(bad.stdout).toContain('bad.jsonl');
  });

  test('asks on a terminal for what is missing; Ctrl-C leaves', async () => {
    const cwd = temporaryDirectory();
    const shown = new Terminal(['fact', 'new', '--relation', 'capital', '--out', 'f.json'], {
      cwd,
      columns: 100,
    });
    terminal = shown;
    await shown.waitFor('subject: ');
    await shown.press('Kazakhstan', 'enter');
    await shown.waitFor('object: ');
    await shown.press('enter', 'Almaty', 'enter'); // nothing is no answer
    expect(await shown.ended()).toBe(0);
    expect(shown.screen()).toContain('prompts written to f.json');
    expect(factSchema.parse(JSON.parse(readFileSync(join(cwd, 'f.json'), 'utf8'))).subject).toBe(
      'Kazakhstan',
    );

    const second = new Terminal(['fact', 'new'], { cwd });
    terminal = second;
    await second.waitFor('subject: ');
    await second.press('ctrl+c');
    expect(await second.ended()).toBe(130);
  });
});

test('kn-edit fact relations lists them, and the wordings of one', async () => {
  const all = await runCli(['fact', 'relations']);
  expect(all.stdout).toMatch(/^ P36 +capital +state_capital/m);
  const one = await runCli(['fact', 'relations', 'language']);
  expect(one.stdout).toMatch(/^P37 official language/);
  expect(one.stdout).toMatch(/Road signs in \[Y\] are the rule in \[X\]\. +masked models only/);
  const none = await runCli(['fact', 'relations', 'nonsense']);
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/^kn-edit: relation: no wordings/)]);
});
