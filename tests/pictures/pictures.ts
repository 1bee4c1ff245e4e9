// npm run pictures: walks the running program through its steps in a small and in a large terminal, prints every screen as
// text, and writes the pictures of the README.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHROMIUM } from '../support/browser.js';
import { ROOT } from '../support/cli.js';
import { applyExample, compareEdits, revertEdit } from './ledger.js';
import { locateFact, writeFact } from './new-fact.js';
import { openPage } from './page.js';
import { applyTrial, compareTrials, tryThree } from './trials.js';
import { begin, READY } from './walk.js';

const PICTURES = join(ROOT, 'fixtures/pictures');

test.each([
  { columns: 80, rows: 24, page: 400 },
  { columns: 140, rows: 45, page: 1280 },
])('a walk at $columns x $rows', async ({ columns, rows, page }) => {
  const walk = await begin({ columns, rows });
  await writeFact(walk);
  await locateFact(walk);
  await tryThree(walk);
  await compareTrials(walk);
  await applyTrial(walk);
  await applyExample(walk);
  await compareEdits(walk);
  await revertEdit(walk);
  await walk.terminal.press('q');
  expect(await walk.terminal.ended()).toBe(0);
  if (CHROMIUM) await openPage(walk.cwd, page);
  else process.stdout.write('\nno page is opened: there is no Chromium in /usr/bin\n');
});

test('the pictures of the README', async () => {
  const { terminal, cwd, show } = await begin({ columns: 110, rows: 30 });
  await terminal.press('/', 'fix-cap', 'enter');
  await terminal.waitFor(/8 of 8 prompts/);
  for (const [name, ready] of [
    ['locate', READY.located],
    ['operate', READY.tried],
  ] as const) {
    await terminal.press('n');
    await show(name, ready);
    await terminal.press('x');
    await terminal.waitFor(`written: kn-edit-${name}.svg`);
    copyFileSync(join(cwd, `kn-edit-${name}.svg`), join(PICTURES, `${name}.svg`));
  }
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});
