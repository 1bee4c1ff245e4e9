// npm run pictures: walks the running program through its five steps in a small and in a large terminal, prints every
// screen as text, and writes the pictures of the README.
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { Terminal } from '../support/terminal.js';

const PICTURES = join(ROOT, 'fixtures/pictures');
const STEPS = ['1 Fact', '2 Locate', '3 Operate', '4 Check', '5 Ledger'];
const READY = [
  /8 of 8 prompts/,
  /\d neurons? {2}|3:\d+ +100% .* {2}\w/,
  /random: effect/,
  /enter applies it/,
  /applied as edit/,
];

let cwd: string;
/** A place of its own for each, so that each has a ledger of its own. */
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-pictures-'));
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test.each([
  { columns: 80, rows: 24, drawn: [] as number[] },
  { columns: 140, rows: 45, drawn: [] as number[] },
  { columns: 110, rows: 30, drawn: [1, 2] },
])('$columns x $rows', async ({ columns, rows, drawn }) => {
  const terminal = new Terminal([], { cwd, columns, rows });
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'fix-cap', 'enter');
  for (const [i, step] of STEPS.entries()) {
    await terminal.waitFor(`[${step}]`);
    await terminal.waitFor(READY[i] as RegExp);
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.stdout.write(`\n${columns}x${rows}: ${step}\n${terminal.screen()}\n`);
    const name = step.slice(2).toLowerCase();
    if (drawn.includes(i)) {
      await terminal.press('x');
      await terminal.waitFor(`written: kn-edit-${name}.svg`);
      copyFileSync(join(cwd, `kn-edit-${name}.svg`), join(PICTURES, `${name}.svg`));
    }
    if (step === '3 Operate') await compareTrials(terminal, `${columns}x${rows}`);
    await terminal.press(i < 3 ? 'n' : 'enter');
  }
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
  terminal.close();
});

/** Tries two other operations, compares the trials, and takes the first one again. */
async function compareTrials(terminal: Terminal, size: string): Promise<void> {
  const show = (what: string) => process.stdout.write(`\n${size}: ${what}\n${terminal.screen()}\n`);
  for (const operation of ['suppress', 'amplify']) {
    await terminal.press('right');
    await terminal.waitFor('above, the last trial');
    show(`${operation}, while it is tried`);
    await terminal.waitFor(/random: effect/);
  }
  await terminal.press('v', 'space', 'down', 'space');
  await terminal.waitFor('at hand: trial 3');
  show('Trials');
  await terminal.press('d');
  await terminal.waitFor('trials 1 and 2');
  show('Two trials');
  await terminal.press('esc');
  await terminal.waitFor('at hand');
  await terminal.press('g', 'enter');
  await terminal.waitFor(/works, better than random/);
}
