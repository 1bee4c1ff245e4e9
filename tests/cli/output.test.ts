// What reaches the terminal, the pipe and the device: nothing that a terminal obeys, and exit codes that stay true.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MAIN, runCli } from '../support/cli.js';
import { copyModel, EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Everything below 0x20 but the line feed, DEL, C1, and what reorders or hides text. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const TITLE = '\u001b]0;pwned\u0007\u001b[31mred';
const TERMINAL = ['--import', new URL('../support/fake-terminal.mjs', import.meta.url).href];
const COLOURFUL = { TERM: 'xterm-256color', COLORTERM: 'truecolor', CI: undefined };

/** A ledger whose texts carry sequences. */
async function hostileLedger(cwd: string): Promise<void> {
  writeInput(cwd, 'edit.json', EDIT);
  expect((await runCli(['apply', 'edit.json', '--control', 'none', '--db', 'x.db'], { cwd })).code).toBe(0);
  const db = new Database(join(cwd, 'x.db'));
  db.prepare('UPDATE edits SET operation = ?, created_at = ?, name = ?').run(
    TITLE,
    '\u001b[2J\u001b[H wiped',
    '\u009b31mname\u202e\nnext line',
  );
  db.close();
}

describe('control sequences', () => {
  it('of a ledger are shown, not obeyed: text, terminal and JSON', async () => {
    const cwd = temporaryDirectory();
    await hostileLedger(cwd);
    for (const command of [['history'], ['show', '1'], ['diff', '1', '1'], ['doctor']]) {
      const { stdout, stderr } = await runCli([...command, '--db', 'x.db'], { cwd });
      expect(stdout + stderr).not.toMatch(OBEYED);
    }
    const history = await runCli(['history', '--db', 'x.db'], { cwd });
    expect(history.stdout).toContain('\\u{1b}]0;pwned\\u{7}\\u{1b}[31mred');
    expect(history.stdout.split('\n').filter((line) => line.startsWith('next line'))).toEqual([]);
    expect(history.stdout).toContain('\\nnext line');
    const onTerminal = await runCli(['history', '--db', 'x.db'], { cwd, node: TERMINAL, env: COLOURFUL });
    expect(onTerminal.stdout).toContain('\u001b[32mapplied\u001b[39m');
    const own = ['[2m', '[22m', '[32m', '[33m', '[39m'];
    const plain = own.reduce((text, code) => text.replaceAll(`\u001b${code}`, ''), onTerminal.stdout);
    expect(plain).not.toMatch(OBEYED);
    const { stdout } = await runCli(['history', '--json', '--db', 'x.db'], { cwd });
    expect(stdout).not.toMatch(OBEYED);
    expect(JSON.parse(stdout)).toMatchObject({
      edits: [{ operation: TITLE, name: '\u009b31mname\u202e\nnext line' }],
    });
  });

  it("of an edit file's key are shown in the message and left out of the stack", async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', { ...EDIT, [`${TITLE}\u202e`]: 1 });
    const { code, stderr } = await runCli(['apply', 'edit.json', '--verbose', '--db', 'x.db'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('pwned');
    expect(stderr).not.toMatch(OBEYED);
    expect(stderr.split('\n').slice(1, -1)).toSatisfy((lines: string[]) =>
      lines.every((line) => line.startsWith('    at ')),
    );
  });

  it('of a tokenizer file do not come out through what its library prints', async () => {
    const model = copyModel();
    const path = join(model, 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(path, 'utf8'));
    tokenizer.pre_tokenizer = {
      type: 'Split',
      pattern: { x: '\u202egnp.exe' },
      behavior: 'Isolated',
      invert: false,
    };
    writeInput(model, 'tokenizer.json', tokenizer);
    const { stderr } = await runCli(['probe', '--model', model, '--prompt', 'Paris is in [MASK].']);
    expect(stderr).not.toContain('Unknown pattern');
    expect(stderr).not.toMatch(OBEYED);
  });
});

describe('stdout', () => {
  const suite = { name: 's', probes: [{ prompt: 'The capital of France is [MASK].', expect: 'Rome' }] };

  /** Runs a shell command; `kn` is the program. */
  function shell(cwd: string, command: string): Promise<{ code: number; stderr: string }> {
    const script = `set -o pipefail; kn() { "${process.execPath}" "${MAIN}" "$@"; }; ${command}`;
    return new Promise((resolve) => {
      execFile('bash', ['-c', script], { cwd }, (error, _, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stderr });
      });
    });
  }

  it.each([
    ['history --db x.db', 1, ''],
    ['--help', 1, ''],
    ['apply edit.json --control none --db x.db', 1, '; edit 1 is applied'],
    ['apply edit.json --control none --db x.db --json', 1, '; edit 1 is applied'],
    ['check suite.json --db x.db', 3, ''],
    ['show 99 --json --db x.db', 2, ''],
  ])('on a full device is told of in one line, with what stands: %s', async (command, code, change) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    writeInput(cwd, 'suite.json', suite);
    const stderr = `kn-edit: the output cannot be written: no space left on the device${change}\n`;
    expect(await shell(cwd, `kn ${command} > /dev/full`)).toEqual({ code, stderr });
    const { stdout } = await runCli(['history', '--json', '--db', 'x.db'], { cwd });
    expect(JSON.parse(stdout).edits).toHaveLength(change ? 1 : 0);
  });

  it.each([
    ['check suite.json --db x.db', 3],
    ['check suite.json --reporter tap --db x.db', 3],
    ['revert 1 --json --db x.db', 4],
    ['show nothing --json', 2],
    ['history --db x.db', 0],
  ])('whose reader has gone leaves the exit code as it is: %s', async (command, code) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'suite.json', suite);
    expect(await shell(cwd, `kn ${command} | true`)).toEqual({ code, stderr: '' });
  });

  it('and stderr may be closed both', async () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'empty'));
    expect((await shell(cwd, 'kn locate empty --db x.db > /dev/full 2> /dev/full')).code).toBe(2);
  });
});
