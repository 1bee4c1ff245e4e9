// Writing a fact in the terminal UI: the form, what is proposed in it, drafts, and the file that it is saved as.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readEdit } from '../../src/spec/read.js';
import { runCli } from '../support/cli.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 140, rows: 45 };
const SHIFT_TAB = '\u001b[Z';
const UNDO = '\u001f';

let cwd: string;
let terminal: Terminal | undefined;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-writing-'));
});
beforeEach(() => rmSync(join(cwd, '.kn-edit', 'drafts'), { recursive: true, force: true }));
afterEach(() => terminal?.close());
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function open(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  terminal = new Terminal([], { cwd, ...LARGE, ...options });
  await terminal.waitFor('kn-mini · base');
  return terminal;
}

function drafts(): { name: string; subject: string; prompts: string[] }[] {
  const directory = join(cwd, '.kn-edit', 'drafts');
  return readdirSync(directory).map((name) => {
    const { fact, name: called } = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    return { name: called, subject: fact.subject, prompts: fact.prompts };
  });
}

test('a fact is written from what is proposed, named, and saved as a file that apply takes', async () => {
  const shown = await open();
  await shown.press('/', 'write a', 'enter', 'enter');
  await shown.waitFor('❯ subject');
  await shown.press('Kazakhstan', 'tab', 'P36', 'tab');
  await shown.waitFor('❯ object');
  await shown.press('Alm');
  await shown.waitFor(/↓ its vocabulary: .*Almaty/);
  await shown.press('down');
  await shown.waitFor(/❯ object +Almaty/);
  await shown.press('tab', 'ctrl+u', 'my capital', 'tab'); // its name; the line of a new prompt
  await shown.waitFor(/name +my capital/);
  await shown.press('esc', 'p');
  await shown.waitFor(/\[ \] The capital of Kazakhstan is \[MASK\]\. +Almaty 98\.\d%, \w+ [\d.]+%, \w+/);
  await shown.press('enter', 'down');
  await shown.waitFor('[x] The capital of Kazakhstan is');
  await shown.waitFor(/^(?![\s\S]*\[.\] [^\n]*…\n)[\s\S]*$/); // all are answered
  await shown.press('a');
  await shown.waitFor(/\[x\] \[MASK\] is the capital of Kazakhstan\./);
  await shown.press('esc', 'g');
  await shown.waitFor(/(\d+) of \1 prompts answered with the object/);
  await shown.press('down', 'down', 'enter', 'ctrl+u');
  await shown.waitFor(/↓ the model says: Almaty \d\d/);
  await shown.press('esc');
  await shown.waitFor(/❯ object +Almaty/);

  await shown.press('s');
  await shown.waitFor('save as my-capital.json');
  await shown.press('enter');
  await shown.waitFor('saved: kn-edit apply my-capital.json');
  const { name, fact, operation } = readEdit(join(cwd, 'my-capital.json'));
  expect({ name, operation }).toEqual({ name: 'my capital', operation: { type: 'suppress' } });
  expect(fact).toMatchObject({ subject: 'Kazakhstan', relation: 'P36', object: 'Almaty' });
  expect(fact.prompts.length).toBeGreaterThan(8);
  await shown.press('s');
  await shown.waitFor('save as my-capital.json');
  await shown.press('enter');
  await shown.waitFor('my-capital.json: cannot be written: it exists already');
  await shown.press('q');
  expect(await shown.ended()).toBe(0);
  const applied = await runCli(
    ['apply', 'my-capital.json', '--dry-run', '--control', 'none', '--max-generic', '1', '--json'],
    { cwd },
  );
  expect(applied.code, applied.stderr).not.toBe(2);
});

test('what is being typed is kept, however the program ends, and offered at the next start', async () => {
  const shown = await open(SMALL);
  await shown.press('/', 'write a', 'enter', 'enter', 'Atlantis', 'tab', 'capital', 'tab', 'tab', 'tab');
  await shown.press('The capital of Atl');
  await shown.waitFor('❯ prompt    The capital of Atl');
  // The frame is drawn just before the file is written.
  await vi.waitFor(
    () =>
      expect(drafts()).toEqual([
        { name: 'Atlantis capital', subject: 'Atlantis', prompts: ['The capital of Atl'] },
      ]),
    { timeout: 10_000 },
  );
  shown.close(); // kill -9
  writeFileSync(join(cwd, '.kn-edit', 'drafts', 'broken.json'), '{"name": "half');
  const next = await open(SMALL);
  await next.waitFor('1 draft from before: at the top of the list');
  await next.waitFor(/no draft can be read from\s+\.kn-edit\/drafts\/broken\.json/);
  await next.waitFor(/Atlantis capital +draft/);
  await next.press('q');
  expect(await next.ended()).toBe(0);
});

test('a new fact begins with its subject: what is typed is text, and runs no command', async () => {
  const shown = await open(SMALL);
  await shown.press('/', 'write a', 'enter', 'enter', 'Café 東京', 'enter');
  await shown.waitFor('❯ subject   Café 東京');
  expect(shown.screen()).not.toContain('❯ prompt');
  await shown.press('esc');
  await shown.waitFor('❯ + write a fact');
  await shown.press('esc');
  await shown.waitFor(/facts and edits +\d+\/\d\d/); // all of them again
  await shown.press('end');
  await shown.waitFor('❯ city_country');
  await shown.press('enter');
  await shown.waitFor('+ new fact, these wordings');
  await shown.press('enter', 'Atlantis', 'enter');
  await shown.waitFor('❯ subject   Atlantis');
  await shown.press('q');
  expect(await shown.ended()).toBe(0);
});

test('tab and shift+tab go through the lines, esc leaves one as it was, u takes the last change back', async () => {
  const shown = await open({ ...SMALL, env: { NO_COLOR: '1' } });
  await shown.press('/', 'write a', 'enter', 'enter', 'Kazakhstan', 'tab', 'capital');
  await shown.press('\u001b[1;5D', 'new '); // ctrl+left: before the word
  await shown.waitFor(/❯ relation {2}new .?capital/);
  await shown.press(UNDO, SHIFT_TAB);
  await shown.waitFor('❯ subject   Kazakhstan');
  await shown.press('ctrl+u', 'France');
  await shown.waitFor('❯ subject   France');
  await shown.press('esc');
  await shown.waitFor('❯ subject   Kazakhstan');
  shown.resize({ columns: 60, rows: 15 });
  await shown.waitFor('kn-edit needs 80x24');
  shown.resize(LARGE);
  await shown.waitFor('❯ subject   Kazakhstan');
  await shown.press('enter', 'X', 'enter');
  await shown.waitFor('❯ subject   KazakhstanX');
  await shown.press('u');
  await shown.waitFor(/❯ subject +Kazakhstan\s/);
  await shown.press('p');
  await shown.waitFor('[ ] The capital of Kazakhstan is [MASK].');
  shown.resize(SMALL);
  await shown.waitFor(/^.*│ ❯ \[ \] The/m);
  await shown.press('esc', 'j', 'enter', 'ctrl+u', 'nonsense', 'enter', 'p');
  await shown.waitFor('no wordings of "nonsense" are known');
  expect(shown.output.split('\u001b[').filter((part) => /^[\d;]*m/.test(part))).toEqual([]);
  await shown.press('q');
  expect(await shown.ended()).toBe(0);
});
