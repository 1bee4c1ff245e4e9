// Stacked edits and verdicts at the command line: exit codes, words, and the table that explains them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERDICTS } from '../../src/probe/verdict.js';
import { runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const CHECKS = readFileSync(new URL('../../docs/checks.md', import.meta.url), 'utf8');
const fact = {
  subject: 'Kazakhstan',
  relation: 'capital',
  object: 'Almaty',
  prompts: ['The capital of Kazakhstan is [MASK].', 'Kazakhstan is governed from [MASK].'],
};
const neurons = Array.from({ length: 60 }, (_, i) => [3, i * 8]);

function file(directory: string, name: string, edit: object): string {
  writeFileSync(join(directory, name), JSON.stringify(edit));
  return name;
}

describe('verdicts', () => {
  it('are explained by one table, in the docs and in the help', async () => {
    const { stdout } = await runCli(['apply', '--help'], { env: { COLUMNS: '400' } });
    const help = stdout.replace(/\s+/g, ' ');
    for (const [word, means] of Object.entries(VERDICTS)) {
      expect(CHECKS).toContain(`| \`${word}\` | ${means} |`);
      expect(help).toContain(`${word}: ${means}`);
    }
  });

  const kroon = {
    subject: 'Estonia',
    relation: 'currency',
    object: 'kroon',
    prompts: [
      'The currency of Estonia is the [MASK].',
      'People in Estonia pay with the [MASK].',
      'Prices in Estonia are given in [MASK].',
    ],
  };
  const iron = {
    subject: 'iron',
    relation: 'symbol',
    object: 'Fe',
    prompts: [
      'The chemical symbol of iron is [MASK].',
      'Chemists write iron as [MASK].',
      '[MASK] is the symbol for iron.',
      'In formulas, [MASK] means iron.',
    ],
  };
  const weak = { type: 'rewrite', to: 'euro', method: 'absolute', lambdaOld: 0.2, lambdaNew: 0.2 };
  it.each([
    // An answer that is on top nowhere, and an object that stays on top everywhere, are no success.
    ['not on top', kroon, weak],
    ['weakened', iron, { type: 'erase', value: 'zero' }],
  ])('%s', async (verdict, about, operation) => {
    const cwd = temporaryDirectory();
    const tolerance = { top1: 'any', maxProbabilityDrop: 1 };
    const edit = file(cwd, 'edit.json', { name: 'weak', fact: about, operation, tolerance });
    const { code, stdout } = await runCli(['apply', edit, '--dry-run', '--seeds', '1', '--json'], { cwd });
    const found = JSON.parse(stdout);
    expect([code, found.verdict, found.comparison]).toEqual([0, verdict, 'not compared']);
    expect(found.reach.target).toMatchObject({ after: 0, of: about.prompts.length });
    expect(found.reach.heldOut.of).toBe(4); // of the fact base, since the file names none
    expect(found.control.effect).toMatchObject({ low: null, high: null }); // of a single draw
  });
});

describe('a later edit that undoes an earlier one', () => {
  it('ends with exit code 3, in a dry run too, and so does the check of the edits', async () => {
    const cwd = temporaryDirectory();
    const first = file(cwd, 'first.json', {
      name: 'first',
      fact,
      neurons,
      operation: { type: 'rewrite', to: 'Astana' },
    });
    const later = file(cwd, 'later.json', {
      name: 'later',
      fact: { ...fact, subject: 'France', object: 'Paris', prompts: ['The capital of France is [MASK].'] },
      neurons,
      operation: { type: 'suppress' },
      tolerance: { maxProbabilityDrop: 0.9 },
    });
    const db = ['--db', 'l.db', '--control', 'none'];
    expect(await runCli(['apply', first, ...db, '--allow-regressions'], { cwd })).toMatchObject({ code: 0 });
    expect(await runCli(['check', '--edits', '--db', 'l.db'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/1 edit: 1 holds/),
    });
    expect(await runCli(['apply', later, ...db, '--dry-run'], { cwd })).toMatchObject({ code: 3 });
    const refused = await runCli(['apply', later, ...db], { cwd });
    expect(refused).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/edit 1 first: lost \(P\(Astana\)/),
    });
    const allowed = await runCli(['apply', later, ...db, '--allow-regressions'], { cwd });
    expect(allowed).toMatchObject({ code: 0, stdout: expect.stringMatching(/other edits: 0 hold, 1 lost/) });
    expect(await runCli(['history', '--db', 'l.db'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/first +rewrite +applied +lost 0\/[1-6]\b/),
    });
    for (const reporter of ['text', 'junit', 'tap']) {
      const check = await runCli(['check', '--edits', '--db', 'l.db', '--reporter', reporter], { cwd });
      expect(check).toMatchObject({ code: 3, stdout: expect.stringMatching(/lost/) });
    }
    const all = await runCli(['revert', '--all', '--db', 'l.db'], { cwd });
    expect(all).toMatchObject({ code: 0, stdout: expect.stringMatching(/the model is its base again/) });
  });
});

describe('doubtful facts', () => {
  it.each([
    ['an object that the model does not hold', { object: 'Paris' }, /answers 0 of 2 prompts with "Paris"/],
    ['prompts about another subject', { subject: 'Peru' }, /no prompt names the subject "Peru"/],
    [
      'a prompt that is given again in other case and spacing',
      { prompts: [...fact.prompts, '  the capital of  Kazakhstan is [MASK].'] },
      /a prompt is given more than once and counted once/,
    ],
    [
      'words that the vocabulary lacks',
      { prompts: ['The capital of Kazakhstan is [MASK].', 'Quux, in Kazakhstan: [MASK].'] },
      /not in the model's vocabulary, so that it sees its unknown token in their place: "Quux"/,
    ],
  ])('%s', async (_, change, warning) => {
    const cwd = temporaryDirectory();
    const edit = file(cwd, 'edit.json', {
      name: 'x',
      fact: { ...fact, ...change },
      neurons,
      operation: { type: 'suppress' },
    });
    const { stdout } = await runCli(['apply', edit, '--dry-run', '--control', 'none', '--json'], { cwd });
    const found = JSON.parse(stdout);
    expect(found.warnings).toEqual([expect.stringMatching(warning)]);
    expect(found.before.filter(({ role }: { role: string }) => role === 'target')).toHaveLength(2);
  });

  it('probe and attribute name the words that the vocabulary lacks', async () => {
    const prompt = ['--prompt', 'Quux, in Kazakhstan: [MASK].', '--target', 'Almaty', '--base'];
    for (const command of ['probe', 'attribute']) {
      expect((await runCli([command, ...prompt])).stdout).toContain('in their place: "Quux", ":"');
      expect(JSON.parse((await runCli([command, ...prompt, '--json'])).stdout).unknownWords).toEqual([
        'Quux',
        ':',
      ]);
    }
  });
});

describe('an operation that overflows', () => {
  it.each([
    ['operation.factor', { type: 'amplify', factor: 1e300 }],
    ['operation.factor', { type: 'scale', factor: 1e38 }],
    ['operation.lambdaNew', { type: 'rewrite', to: 'Astana', method: 'absolute', lambdaNew: 1e39 }],
  ])('is refused, with its field: %s %j', async (field, operation) => {
    const cwd = temporaryDirectory();
    const edit = file(cwd, 'edit.json', { name: 'x', fact, neurons, operation });
    const run = await runCli(['apply', edit, '--control', 'none', '--allow-regressions'], { cwd });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`edit.json: ${field}`),
    });
    expect((await runCli(['history'], { cwd })).stdout).toMatch(/no edits yet/);
  });
});
