// kn-edit background at the command line: what is there, files that cannot be used, and Ctrl-C.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

it('is built of several files, and told', async () => {
  const cwd = temporaryDirectory();
  const facts = ['a.json', 'b.json'].map((name, i) => {
    const base = {
      greeting: { templates: ['Hello [X] [Y]'], facts: [{ subject: `me ${i}`, object: 'you' }] },
    };
    return writeInput(cwd, name, JSON.stringify(base));
  });
  const text = writeInput(
    cwd,
    'own.txt',
    'This is a sentence that is long enough. And here is another one beside it.\n',
  );
  const common = ['--model', goldenDirectory('gpt2')];
  const before = await runCli(['background', 'info', ...common], { cwd });
  expect(before).toMatchObject({ code: 0, stderr: '' });
  expect(before.stdout).toContain('facts: none yet');
  expect(existsSync(join(cwd, '.kn-edit'))).toBe(false);

  const [first = '', second = ''] = facts;
  const args = ['--facts', first, '--facts', second, '--text', text, '--json', ...common];
  const built = await runCli(['background', 'build', ...args], { cwd });
  expect(built).toMatchObject({ code: 0, stderr: '' });
  const { seconds, ...found } = JSON.parse(built.stdout) as Record<string, unknown>;
  expect(seconds).toBeGreaterThan(0);
  expect(found).toMatchObject({
    facts: { sources: expect.arrayContaining(['a.json', 'b.json']) },
    text: { sources: ['own.txt'], texts: 2 },
    covariance: [],
  });
  expect(found).toMatchObject({
    facts: { relations: expect.arrayContaining([{ relation: 'greeting', asked: 2, known: 0 }]) },
  });
  const info = await runCli(['background', 'info', '--json', ...common], { cwd });
  expect(JSON.parse(info.stdout)).toEqual(found);

  // A file that was damaged since is told of, and the model is of use without it.
  const path = join(cwd, String(found.directory), 'facts.json');
  writeFileSync(path, '{');
  expectFailure(await runCli(['background', 'info', ...common], { cwd }), 2, [
    'facts.json: not valid JSON',
    'anew',
  ]);
  const probed = await runCli(['probe', '--prompt', 'Hello', ...common], { cwd });
  expect(probed.code).toBe(0);
  expect(probed.stderr).toMatch(
    /^note: .*facts\.json: not valid JSON.*; kn-edit background build makes it anew\n$/,
  );
});

it('names a file that cannot be used', async () => {
  const cwd = temporaryDirectory();
  const empty = writeInput(cwd, 'empty.txt', '\n');
  const facts = writeInput(cwd, 'facts.json', '{"capital": {"templates": ["no place"], "facts": []}}');
  mkdirSync(join(cwd, 'directory'));
  const model = ['--model', goldenDirectory('gpt2')];
  const cases = [
    [
      ['--facts', 'none.json'],
      ['none.json', 'no such file'],
    ],
    [
      ['--facts', facts],
      ['facts.json', 'capital.templates.0'],
    ],
    [
      ['--text', 'directory'],
      ['directory', 'it is a directory'],
    ],
    [
      ['--text', empty],
      ['empty.txt', 'no sentence', '--text'],
    ],
  ] as const;
  for (const [args, says] of cases) {
    expectFailure(await runCli(['background', 'build', ...args, ...model], { cwd }), 2, says);
    expect(existsSync(join(cwd, '.kn-edit'))).toBe(false);
  }
});

it('leaves nothing when it is stopped', async () => {
  const cwd = temporaryDirectory();
  const terminal = new Terminal(['background', 'build'], { cwd });
  await terminal.waitFor('asking the model for facts');
  await terminal.press('ctrl+c');
  expect(await terminal.ended()).toBe(130);
  expect(readdirSync(cwd)).toEqual([]);
});
