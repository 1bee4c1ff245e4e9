// In a terminal: what can be done is found by its words, and colours and model are remembered.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asciiOf } from '../../src/report/ascii.js';
import { copyModel } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';

function open(cwd: string, env = {}): Terminal {
  const terminal = new Terminal([], { cwd, env: { XDG_CONFIG_HOME: join(cwd, '.config'), ...env } });
  onTestFinished(() => terminal.close());
  return terminal;
}

const settingsOf = (cwd: string) => join(cwd, '.config', 'kn-edit', 'settings.json');

function remember(cwd: string, settings: object): void {
  mkdirSync(join(cwd, '.config', 'kn-edit'), { recursive: true });
  writeFileSync(settingsOf(cwd), JSON.stringify(settings));
}

test('the palette finds keys by words, on a terminal of any size and locale', {
  timeout: 400_000,
}, async () => {
  const cwd = temporaryDirectory();
  const terminal = open(cwd, { NO_COLOR: '1', LC_ALL: 'C' });
  await terminal.waitFor('kn-mini');
  await terminal.press(':', 'go ledger');
  await terminal.waitFor(/: go ledger/);
  await terminal.waitFor('go to ledger');
  expect(terminal.screen()).not.toContain('go to check');
  terminal.resize({ columns: 140, rows: 45 });
  await terminal.waitFor('go to ledger');
  await terminal.press('enter');
  await terminal.waitFor('no edits yet');
  expect(terminal.screen()).toBe(asciiOf(terminal.screen()));
  await terminal.press(':', 'sort', 'down', 'up', 'esc');
  await terminal.waitFor('no edits yet');
  expect(existsSync(settingsOf(cwd)), 'nothing was chosen').toBe(false);
  await terminal.press('t');
  await terminal.waitFor('safe for colour-blind eyes');
  expect(JSON.parse(readFileSync(settingsOf(cwd), 'utf8'))).toEqual({ theme: 'safe' });
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});

test('the model that was chosen last is opened, and the usual one where it is gone', {
  timeout: 400_000,
}, async () => {
  const cwd = temporaryDirectory();
  remember(cwd, { model: copyModel('mine'), theme: 'safe' });
  const first = open(cwd);
  await first.waitFor(/kn-edit +mine/);
  await first.press('q');
  expect(await first.ended()).toBe(0);
  remember(cwd, { model: '/nowhere/gone' });
  const second = open(cwd);
  await second.waitFor(/kn-edit +kn-mini/);
  await second.waitFor('/nowhere/gone: no such model directory');
  const damaged = temporaryDirectory();
  remember(damaged, { model: 7, theme: ['red'] });
  const third = open(damaged);
  await third.waitFor(/kn-edit +kn-mini/);
});
