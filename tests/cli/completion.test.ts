// Completion: what may stand at a place of a command line, and the scripts in the shells that are here.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { wordsOf } from '../../src/cli/completion/words.js';
import { MAIN, runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { imports } from '../support/imports.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

/** The words that are offered at the end of a line. */
async function offered(line: string, cwd = temporaryDirectory()): Promise<string[]> {
  const { code, stdout, stderr } = await runCli(['__complete', line], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .flatMap((one) => one.split('\t', 1))
    .filter(Boolean);
}

/** A directory with a ledger of two edits, one of which is taken back. */
async function withEdits(): Promise<string> {
  const cwd = temporaryDirectory();
  writeInput(cwd, 'edit.json', EDIT);
  const options = ['--db', 'l.db', '--control', 'none', '--allow-regressions'];
  for (const args of [
    ['apply', 'edit.json', ...options],
    ['revert', '1', '--db', 'l.db'],
  ]) {
    expect((await runCli(args, { cwd })).code).toBe(0);
  }
  return cwd;
}

describe('the words of a line', () => {
  it.each([
    ['kn-edit ', ['kn-edit', '']],
    ['kn-edit sho', ['kn-edit', 'sho']],
    ['kn-edit probe --prompt "two words" --t', ['kn-edit', 'probe', '--prompt', 'two words', '--t']],
    ["kn-edit probe --prompt 'still open ", ['kn-edit', 'probe', '--prompt', 'still open ']],
    ['kn-edit apply my\\ edit.json', ['kn-edit', 'apply', 'my edit.json']],
  ])('%s', (line, words) => expect(wordsOf(line)).toEqual(words));
});

describe('what is offered', () => {
  it('commands, and those below them', async () => {
    expect(await offered('kn-edit re')).toEqual(['revert', 'redo', 'report']);
    expect(await offered('kn-edit model ')).toEqual(['list', 'info', 'pull']);
    expect(await offered('kn-edit completion ')).toEqual(['bash', 'zsh', 'fish']);
  });

  it("relations of the model's facts, without loading it", async () => {
    expect(await offered('kn-edit map --relation c')).toEqual([
      ...['capital', 'continent', 'currency', 'city_country'],
    ]);
    expect(await offered('kn-edit erase symb')).toEqual(['symbol']);
    expect(await offered('kn-edit map --model no/such --relation c')).toEqual([]);
  });

  it('of a command with others below it: those, its own options, and its own files', async () => {
    expect(await offered('kn-edit sweep ')).toEqual(['report', 'relations', 'merge', 'work']);
    expect(await offered('kn-edit sweep fa')).toEqual([':files']);
    expect(await offered('kn-edit sweep facts.json --kn')).toEqual(['--known']);
    expect(await offered('kn-edit sweep --do e')).toEqual(['edit', 'erase']);
    expect(await offered('kn-edit sweep report --comp')).toEqual(['--compare']);
  });

  it('options that are not given yet, and their values', async () => {
    expect(await offered('kn-edit locate fact.json --th')).toEqual(['--threshold-mode', '--threshold']);
    expect(await offered('kn-edit locate fact.json --threshold 1 --th')).toEqual(['--threshold-mode']);
    expect(await offered('kn-edit apply --preset ')).toEqual(['default', 'dai2022', 'eleutherai']);
    expect(await offered('kn-edit probe --engine=wa')).toEqual(['--engine=wasm+blas', '--engine=wasm']);
  });

  it('models, and files where no model is called so', async () => {
    expect(await offered('kn-edit probe --model kn')).toEqual(['kn-mini']);
    expect(await offered('kn-edit probe --model ./mo')).toEqual([':files']);
    expect(await offered('kn-edit apply ')).toEqual([':files']);
  });

  it('edits of the ledger that the line names', async () => {
    const cwd = await withEdits();
    expect(await offered('kn-edit show --db l.db ', cwd)).toEqual(['1']);
    expect(await offered('kn-edit diff 1 --db l.db ', cwd), 'none twice').toEqual([]);
    expect(await offered('kn-edit show --db none.db ', cwd)).toEqual([]);
  });

  it('without the model, tensors, or workers', async () => {
    for (const line of ['kn-edit lo', 'kn-edit probe --model ', 'kn-edit show ']) {
      const loaded = await imports(['__complete', line]);
      for (const name of ['@tensorflow', '@huggingface', 'tinypool', 'ink']) {
        expect(loaded).not.toContain(`node_modules/${name}/`);
      }
    }
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;

/** How each shell is started without what a user has set, and how it is told of the program. */
const SHELLS = {
  bash: { args: ['--norc', '--noprofile'], load: 'PS1="> "; eval "$(kn-edit completion bash)"' },
  zsh: {
    args: ['-f'],
    load: 'PS1="> "; autoload -U compinit; compinit -u -D; eval "$(kn-edit completion zsh)"',
  },
  fish: {
    args: ['--no-config'],
    load: 'function fish_prompt; echo "> "; end; kn-edit completion fish | source',
  },
} as const;

describe.each(['bash', 'zsh', 'fish'] as const)('in %s', (shell) => {
  test.skipIf(!has(shell))(`a line is completed (${shell} is here)`, async () => {
    const cwd = await withEdits();
    writeInput(cwd, 'only.json', EDIT);
    const bin = temporaryDirectory();
    writeFileSync(join(bin, 'kn-edit'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    chmodSync(join(bin, 'kn-edit'), 0o755);
    const { args, load } = SHELLS[shell];
    const env = { PATH: `${bin}:${process.env.PATH}`, HOME: bin, INPUTRC: '/dev/null' };
    const terminal = new Terminal(args, { cwd, env, program: shell, columns: 120 });
    onTestFinished(() => terminal.close());
    await terminal.press(load, 'enter', 'clear; echo "is ready" | tr i I', 'enter');
    await terminal.waitFor('Is ready');
    const shows = async (typed: string, what: RegExp) => {
      await terminal.press(typed, 'tab');
      await terminal.waitFor(what);
      await terminal.press('ctrl+c');
    };
    await shows('kn-edit hist', /kn-edit history/);
    await shows('kn-edit locate --thresh', /kn-edit locate --threshold/);
    await shows('kn-edit probe --engine tensorflow-', /kn-edit probe --engine tensorflow-gpu/);
    await shows('kn-edit probe --engine=web', /kn-edit probe --engine=webgpu/);
    await shows('kn-edit show --db l.db ', /kn-edit show --db l\.db 1/);
    await shows('kn-edit apply onl', /kn-edit apply only\.json/);
    await terminal.press('kn-edit re', 'tab', 'tab');
    await terminal.waitFor(/Take edits back, bit for bit/);
  });
});
