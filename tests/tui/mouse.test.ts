// The mouse: what a terminal says of it is no key, and chooses steps and entries.
import { expect, onTestFinished, test } from 'vitest';
import { type Moved, mouseFilter } from '../../src/tui/mouse.js';
import { runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

const click = (column: number, row: number) =>
  `\u001b[<0;${column + 1};${row + 1}M\u001b[<0;${column + 1};${row + 1}m`;

test('is taken out of what is typed, however it is cut', () => {
  const text = `a${click(3, 4)}b\u001b[<65;1;1M\u001b[A\u001b[<2;1;1M`;
  for (let cut = 0; cut <= text.length; cut++) {
    const moved: Moved[] = [];
    const filter = mouseFilter((one) => moved.push(one));
    const keys = filter(text.slice(0, cut)) + filter(text.slice(cut));
    const apart = text.slice(0, cut).endsWith('\u001b') || text.slice(0, cut).endsWith('\u001b['); // a key, perhaps
    if (!apart) expect(keys, `cut at ${cut}`).toBe('ab\u001b[A');
    if (keys === 'ab\u001b[A') expect(moved).toEqual([{ click: { column: 3, row: 4 } }, { wheel: 'down' }]);
  }
});

test('chooses steps and entries', { timeout: 400_000 }, async () => {
  const cwd = temporaryDirectory();
  for (const [name, neuron] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    writeInput(cwd, 'edit.json', { ...EDIT, name, neurons: [[3, neuron]] });
    const args = ['apply', 'edit.json', '--control', 'none', '--allow-regressions', '--db', 'l.db'];
    expect((await runCli(args, { cwd })).code).toBe(0);
  }
  const terminal = new Terminal(['tui', '--db', 'l.db'], { cwd });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('base + 2 edits');
  const lineOf = (text: string) => terminal.lines().findIndex((line) => line.includes(text));
  const tabs = terminal.lines()[1] ?? '';
  await terminal.press(click(tabs.indexOf('5 Ledger') + 3, 1));
  await terminal.waitFor('[5 Ledger]');
  await terminal.waitFor(/❯ .*two/);
  await terminal.press(click(10, lineOf('one')));
  await terminal.waitFor(/❯ .*one/);
  await terminal.press('\u001b[<64;10;10M'); // the wheel
  await terminal.waitFor(/❯ .*two/);
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
  expect(terminal.output.lastIndexOf('\u001b[?1006l')).toBeGreaterThan(
    terminal.output.lastIndexOf('\u001b[?1006h'),
  );
});
