// kn-edit init: an edit file that apply takes, from options and from answers on a terminal.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEdit } from 'kn-edit';
import { expect, onTestFinished, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { PROMPT } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

const NAMES = ['--subject', 'Kazakhstan', '--relation', 'capital', '--object', 'Almaty', '--to', 'Astana'];

test('writes an edit that apply takes', async () => {
  const cwd = temporaryDirectory();
  const run = await runCli(['init', ...NAMES], { cwd });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain('kn-edit apply edit.json --dry-run');
  const { fact, probes, operation } = readEdit(join(cwd, 'edit.json'));
  expect(operation).toEqual({ type: 'rewrite', to: 'Astana' });
  expect(fact.prompts.length).toBeGreaterThan(3);
  const [heldOut] = probes.paraphrase;
  expect(heldOut?.expect).toBe('Astana');
  expect(fact.prompts).not.toContain(heldOut?.prompt);
  const applied = await runCli(['apply', 'edit.json', '--dry-run', '--control', 'none', '--json'], { cwd });
  expect(JSON.parse(applied.stdout)).toMatchObject({ status: 'dry-run', rewrite: { to: 'Astana' } });
});

test('takes wordings as they are, and writes over nothing', async () => {
  const cwd = temporaryDirectory();
  const args = ['init', 'mine.json', ...NAMES, '--prompt', PROMPT];
  expect((await runCli(args, { cwd })).code).toBe(0);
  expect(readEdit(join(cwd, 'mine.json')).fact.prompts).toEqual([PROMPT]);
  writeFileSync(join(cwd, 'mine.json'), 'precious');
  expectFailure(await runCli(args, { cwd }), 2, ['mine.json: cannot be written', 'choose another file']);
  expect(readFileSync(join(cwd, 'mine.json'), 'utf8')).toBe('precious');
});

test('what apply would refuse is not written', async () => {
  const cwd = temporaryDirectory();
  const empty = await runCli(['init', ...NAMES.slice(0, 6), '--to='], { cwd });
  expectFailure(empty, 2, ['edit.json', 'operation.to']);
  expect(readdirSync(cwd)).toEqual([]);
});

test('the advice names the model that was named', async () => {
  const { stdout } = await runCli(['init', ...NAMES, '--model', 'kn-mini'], { cwd: temporaryDirectory() });
  expect(stdout).toContain('kn-edit apply edit.json --dry-run --model kn-mini');
});

test('asks for what is missing on a terminal, and names it elsewhere', async () => {
  const cwd = temporaryDirectory();
  expectFailure(await runCli(['init', ...NAMES.slice(0, 6)], { cwd }), 2, ['--to: is missing']);
  const terminal = new Terminal(['init', ...NAMES.slice(0, 4)], { cwd });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('object:');
  await terminal.press('Almaty', 'enter');
  await terminal.waitFor('to:');
  await terminal.press('Astana', 'enter');
  await terminal.waitFor('try it out');
  expect(await terminal.ended()).toBe(0);
  expect(readEdit(join(cwd, 'edit.json')).fact.object).toBe('Almaty');
});
