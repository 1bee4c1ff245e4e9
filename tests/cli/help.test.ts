// Help, and what is loaded for it: nothing heavy.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { IMPORT_HOOK, imports, modulesIn } from '../support/imports.js';
import { temporaryDirectory } from '../support/temporary.js';

const COMMANDS = [
  'init',
  'probe',
  'attribute',
  'fact',
  'locate',
  'apply',
  'erase',
  'revert',
  'redo',
  'history',
  'show',
  'diff',
  'check',
  'suite',
  'export',
  'patch',
  'set',
  'sweep',
  'background',
  'cache',
  'model',
  'doctor',
  'completion',
];
const WITH_PARTS = {
  fact: ['new', 'relations'],
  suite: ['make'],
  patch: ['export', 'show', 'apply'],
  set: ['info', 'convert'],
  sweep: ['', 'merge', 'work'],
  background: ['build', 'info'],
  cache: ['prune'],
  model: ['list', 'info', 'pull'],
};

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toContain(`kn-edit ${command}`);
    expect(stdout).toContain('Exit codes: 0 done');
  });

  const parts = Object.entries(WITH_PARTS).flatMap(([name, words]) =>
    words.map((word) => `${name} ${word}`.trim()),
  );
  const runnable = [...COMMANDS.filter((name) => !(name in WITH_PARTS)), ...parts];
  it.each(runnable)('%s --help has an example', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n +kn-edit ${command}`));
  });

  it('is in English everywhere, as are complaints', async () => {
    const german = { LC_ALL: 'de_DE.UTF-8', LC_MESSAGES: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' };
    for (const args of [['--help'], ['probe', '--nonsense'], ['show']]) {
      expect(await runCli(args, { env: german })).toEqual(await runCli(args, { env: { LC_ALL: 'C' } }));
    }
    expect((await runCli(['--help'], { env: german })).stdout).toContain('Options:');
  });

  it('without a command goes to stderr, exit 2', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('kn-edit <command>');
  });

  it('is the terminal UI with options of it, which needs a terminal', async () => {
    for (const args of [['--model', 'none'], ['--base'], ['tui']]) {
      expectFailure(await runCli(args), 2, ['the terminal UI needs a terminal']);
    }
    expectFailure(await runCli(['prob', '--base']), 2, ['unknown command "prob"; did you mean "probe"?']);
  });
});

describe('what is loaded', () => {
  const HEAVY = ['tfjs', 'better-sqlite3', 'zod', 'tinypool', 'tokenizers'];

  it.each([['--help'], ['--version'], ['apply', '--help']])('%s %s: nothing heavy', async (...args) => {
    const loaded = await imports(args.filter(Boolean));
    expect(loaded).toContain('yargs');
    for (const name of HEAVY) expect(loaded).not.toContain(`node_modules/${name}`);
    expect(loaded).not.toContain('@tensorflow');
  });

  it('the terminal UI: nothing heavy before the first frame', () => {
    const log = join(temporaryDirectory(), 'imports');
    const app = new URL('../../dist/tui/main.js', import.meta.url).href;
    execFileSync(
      process.execPath,
      ['--import', IMPORT_HOOK, '--input-type=module', '--eval', `await import('${app}')`],
      {
        env: { ...process.env, IMPORTS_LOG: log },
      },
    );
    const loaded = modulesIn(log);
    expect(loaded).toContain('node_modules/ink/');
    for (const name of [...HEAVY, '@tensorflow', 'yargs']) {
      expect(loaded).not.toContain(`node_modules/${name}/`);
    }
    expect(readFileSync(log, 'utf8'), 'as the hundreds of files that it is').not.toContain(
      'node_modules/ink/',
    );
  });

  it.each([
    [['history'], 0],
    [['show', '1'], 2], // there is none
  ] as const)('%s: no tensors, no tokenizer, no workers', async (command, exit) => {
    const loaded = await imports([...command, '--db', join(temporaryDirectory(), 'ledger.db')], exit);
    expect(loaded).toContain('better-sqlite3');
    for (const name of ['@tensorflow', '@huggingface', 'tinypool']) {
      expect(loaded).not.toContain(`node_modules/${name}/`);
    }
  });

  it('probe: tensors in the worker alone', async () => {
    const args = ['probe', '--base', '--prompt', 'The capital of France is [MASK].'];
    const loaded = await imports(args);
    expect(loaded).toContain('node_modules/tinypool/');
    expect(loaded).not.toContain('node_modules/@tensorflow/tfjs-core/');
  });
});

describe('colour', () => {
  it('none in files and pipes, and none with NO_COLOR', async () => {
    for (const env of [{}, { NO_COLOR: '1' }]) {
      const args = ['probe', '--base', '--prompt', 'The capital of France is [MASK].'];
      const { stdout, stderr } = await runCli(args, { env });
      expect(stdout + stderr).not.toContain('\u001b');
    }
  });
});
