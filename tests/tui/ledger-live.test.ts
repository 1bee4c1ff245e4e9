// The ledger in a terminal: another process writes while it is shown, two edits are compared, and a line is copied.
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

test('is read again, compared, searched and copied from', { timeout: 400_000 }, async () => {
  const cwd = temporaryDirectory();
  writeInput(cwd, 'one.json', EDIT);
  writeInput(cwd, 'two.json', { ...EDIT, name: 'other-neuron', neurons: [[3, 2]] });
  const apply = async (file: string) => {
    const run = await runCli(['apply', file, '--control', 'none', '--allow-regressions', '--db', 'l.db'], {
      cwd,
    });
    expect(run.code, run.stderr).toBe(0);
  };
  await apply('one.json');
  const terminal = new Terminal(['tui', '--db', 'l.db'], { cwd, env: { NO_COLOR: '1' }, columns: 120 });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('base + 1 edit');
  await terminal.press('5');
  await terminal.waitFor('quiet-neuron');
  await apply('two.json');
  await terminal.waitFor('other-neuron'); // without a key
  await terminal.waitFor('another program changed the ledger: the model is base + 2 edits now');
  expect(terminal.screen()).not.toContain('not located yet');
  await terminal.press('space', 'j', 'space', 'd');
  await terminal.waitFor('edits 2 and 1');
  await terminal.waitFor('neurons of its own');
  terminal.resize({ columns: 80, rows: 24 });
  await terminal.waitFor('edits 2 and 1');
  await terminal.press('esc');
  await terminal.waitFor('●1');
  await terminal.press('/', 'other', 'enter', 'y');
  await terminal.waitFor('copied 1 line');
  const [, copied = ''] = /\]52;c;([A-Za-z0-9+/=]*)/.exec(terminal.output) ?? [];
  expect(Buffer.from(copied, 'base64').toString()).toContain('other-neuron\tsuppress\tapplied');
  expect(terminal.output).not.toContain('\u001b[32m'); // NO_COLOR
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});
