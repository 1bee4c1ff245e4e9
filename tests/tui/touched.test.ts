// The map of edits over neurons in a terminal: overlaps are seen, found by the edit's name, and opened.
import { expect, onTestFinished, test } from 'vitest';
import { Session } from '../../src/index.js';
import { runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

test.each([{}, { NO_COLOR: '1' }])('shows what edits share (%o)', { timeout: 400_000 }, async (env) => {
  const cwd = temporaryDirectory();
  writeInput(cwd, 'one.json', {
    ...EDIT,
    neurons: [
      [3, 1],
      [0, 7],
    ],
  });
  writeInput(cwd, 'two.json', {
    ...EDIT,
    name: 'other',
    neurons: [
      [3, 1],
      [2, 300],
    ],
  });
  const run = async (...args: string[]) => {
    const { code, stderr } = await runCli([...args, '--db', 'l.db'], { cwd });
    expect(code, stderr).toBe(0);
  };
  for (const file of ['one.json', 'two.json']) {
    await run('apply', file, '--control', 'none', '--allow-regressions');
  }
  const session = new Session({ db: `${cwd}/l.db` });
  expect(session.touched()).toEqual([
    { layer: 0, neuron: 7, edits: [1] },
    { layer: 2, neuron: 300, edits: [2] },
    { layer: 3, neuron: 1, edits: [1, 2] },
  ]);
  await session.close();
  const terminal = new Terminal(['tui', '--db', 'l.db'], { cwd, env });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('base + 2 edits');
  await terminal.press('5', 'v');
  await terminal.waitFor('3 neurons of 2 applied edits, 1 shared');
  await terminal.waitFor(/^ L3 ▏?2/m);
  await terminal.waitFor(/❯ 3:1 +2 +● ● +2 other, 1 quiet-neuron/);
  terminal.resize({ columns: 140, rows: 45 });
  await terminal.waitFor('─'.repeat(140));
  await terminal.press('/', 'other', 'enter');
  await terminal.waitFor(/❯ 3:1 .*\n +2:300 +1 +● · .*\n(?! +0:7)/);
  await terminal.press('j', 'enter');
  await terminal.waitFor(/neuron 2:300 .* 2 of 2/);
  await terminal.waitFor('norm of its value vector'); // before that, esc would stop the work
  await terminal.press('esc', 'esc');
  await terminal.waitFor(/ 0:7 +1 +· ●/);
  await run('revert', '2', '--allow-regressions'); // another program
  await terminal.waitFor(/1 of reverted edits alone/);
  await terminal.waitFor(/❯? +2:300 +0 +○ ·/);
  await terminal.press('v');
  await terminal.waitFor('quiet-neuron');
  if ('NO_COLOR' in env) {
    expect(terminal.output.split('\u001b[').filter((part) => /^[\d;]*m/.test(part))).toEqual([]);
  }
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});
