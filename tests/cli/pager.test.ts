// Long output on a terminal: in the user's pager, or in less; nowhere else. And links to files, where they are known.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileLink, showsLinks } from '../../src/report/links.js';
import { printableCell } from '../../src/report/style.js';
import { runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

const COMMAND = ['model', 'info'];
/** Counts the lines that it is given. */
const COUNTS = 'printf "PAGED %s\\n" "$(wc -l)"';
const PAGED = { PAGER: COUNTS };

function open(args: string[], env: NodeJS.ProcessEnv, rows: number): Terminal {
  const terminal = new Terminal([...COMMAND, ...args], { cwd: temporaryDirectory(), env, rows });
  onTestFinished(() => terminal.close());
  return terminal;
}

describe('a pager', () => {
  test('gets what is longer than the terminal', async () => {
    const terminal = open([], PAGED, 4);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.output).toMatch(/PAGED \d+/);
    expect(terminal.output).not.toContain('token ids');
  });

  test.each([
    ['what fits', [], PAGED, 40],
    ['with --no-pager', ['--no-pager'], PAGED, 4],
    ['with NO_PAGER', [], { ...PAGED, NO_PAGER: '1' }, 4],
    ['with an empty PAGER', [], { ...PAGED, PAGER: '' }, 4],
    ['where the pager is not there', [], { ...PAGED, PAGER: 'no-such-pager' }, 4],
  ])('does not get it: %s', async (_, args, env, rows) => {
    const terminal = open(args, env, rows);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.output).toContain('token ids');
    expect(terminal.output).not.toContain('PAGED');
  });

  test('does not get documents, nor what goes into a pipe', async () => {
    const terminal = open(['--json'], PAGED, 2);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.output).toContain('"family"');
    expect((await runCli(COMMAND, { env: PAGED })).stdout).toContain('token ids');
  });

  const less = spawnSync('less', ['--version']).status === 0;
  test.skipIf(!less)('is less where there is no other (less is here)', async () => {
    const terminal = open([], { ...PAGED, PAGER: undefined }, 4);
    await terminal.waitFor(/^:/m);
    expect(terminal.output).not.toContain('fixtures/kn-mini');
    await terminal.press('G');
    await terminal.waitFor('fixtures/kn-mini');
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
  });

  test('is told what went wrong by the exit code all the same', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'other.db'), 'no ledger '.repeat(200));
    const terminal = new Terminal(['doctor', '--db', 'other.db'], { cwd, env: PAGED, rows: 4 });
    onTestFinished(() => terminal.close());
    expect(await terminal.ended()).toBe(1);
    expect(terminal.output).toMatch(/PAGED \d+/);
  });
});

describe('links to files', () => {
  test('are written to the terminals that are known for them', async () => {
    const link = '\u001b]8;;file://';
    for (const [env, linked] of [
      [{ TERM_PROGRAM: 'WezTerm' }, true],
      [{ VTE_VERSION: '6800' }, true],
      [{ TERM_PROGRAM: 'WezTerm', NO_COLOR: '1' }, false],
      [{}, false],
    ] as const) {
      const terminal = open([], { ...PAGED, ...env }, 40);
      expect(await terminal.ended()).toBe(0);
      expect(terminal.output.includes(link), JSON.stringify(env)).toBe(linked);
      expect(terminal.screen()).toContain('fixtures/kn-mini');
    }
    expect(showsLinks({ TERM_PROGRAM: 'WezTerm', TMUX: '/tmp/tmux' })).toBe(false);
  });

  test('are the only ones that get through: no file can bring its own', () => {
    expect(printableCell(fileLink('/tmp/a b', 'a b'))).toContain('file://');
    for (const foreign of [
      '\u001b]8;;http://evil.example\u0007x',
      '\u001b]0;title\u0007',
      '\u001b]52;c;eA==\u0007',
    ]) {
      expect(printableCell(foreign)).not.toContain('\u001b');
    }
  });
});
