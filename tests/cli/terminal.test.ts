// What is written to a terminal, and what to a pipe: colours, widths, and the help of the bare program.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const ESCAPE = '\u001b';
// CI servers are taken for colourless by Node, whatever the terminal.
const COLOURFUL = { TERM: 'xterm-256color', COLORTERM: 'truecolor', CI: undefined };
const TERMINAL = ['--import', new URL('../support/fake-terminal.mjs', import.meta.url).href];

describe('colours', () => {
  test.each([
    ['apply', ['apply', 'edit.json'], 0],
    ['history', ['history'], 0],
    ['doctor', ['doctor'], 0],
    ['help', ['--help'], 0],
    ['an error', ['probe', '--prompt', 'Nothing'], 2],
  ])('are not written to a pipe: %s', async (_, args, expected) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    const { code, stdout, stderr } = await runCli(args, { cwd, env: COLOURFUL });
    expect(code).toBe(expected);
    expect(stdout + stderr).not.toContain(ESCAPE);
  });

  test('are written to a terminal, and not with NO_COLOR', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    const args = ['apply', 'edit.json', '--dry-run'];
    const coloured = await runCli(args, { cwd, node: TERMINAL, env: COLOURFUL });
    expect(coloured.stdout).toContain(`${ESCAPE}[1m`);
    const plain = await runCli(args, { cwd, node: TERMINAL, env: { ...COLOURFUL, NO_COLOR: '1' } });
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain('dry run');
    expect(plain.stdout).not.toContain(ESCAPE);
  });
});

describe('help', () => {
  test('lines fit into 100 columns', async () => {
    for (const args of [['--help'], ['locate', '--help'], ['apply', '--help'], ['attribute', '--help']]) {
      const { stdout } = await runCli(args);
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    }
  });

  test('of the bare program is that of --help, on stderr', async () => {
    const asked = await runCli(['--help']);
    expect(await runCli([])).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
  });

  test('--version is that of the package', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});
