// The terminal UI as people meet it: the built program in a pty, on the real model and a real ledger.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT, runCli } from '../support/cli.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const answer = z.object({ token: z.string(), prob: z.number() });

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 140, rows: 45 };

let cwd: string;
let terminal: Terminal | undefined;

/** One place for all tests of this file: the background facts are located once. */
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-tui-'));
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
});
afterEach(() => terminal?.close());
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function open(options: Partial<TerminalOptions> = {}, args: string[] = []): Terminal {
  terminal = new Terminal(args, { cwd, ...SMALL, ...options });
  return terminal;
}

function ledger<T>(sql: string, read = (row: unknown) => row as T): T[] {
  const [name = ''] = readdirSync(join(cwd, '.kn-edit')).filter((one) => one.endsWith('.db'));
  const db = new Database(join(cwd, '.kn-edit', name), { readonly: true });
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    return db.prepare(sql).all().map(read);
  } finally {
    db.close();
  }
}

const edits = () => ledger<{ name: string; status: string }>('SELECT name, status FROM edits ORDER BY id');
const maps = () => ledger<{ n: number }>('SELECT count(*) AS n FROM score_maps')[0]?.n ?? 0;

/** Every screen: the frame is whole, and nothing is wider than the terminal or was broken by it. */
async function expectFrame(shown: Terminal, step: string, columns: number): Promise<void> {
  await shown.waitFor('? keys  q leave');
  const lines = shown.lines();
  expect(lines[0]).toMatch(/^ kn-edit {2}/);
  expect(lines[1]).toContain(`[${step}]`);
  expect(lines[2]).toBe('─'.repeat(columns));
  const keys = lines.findLastIndex((line) => line !== '');
  expect(lines[keys]).toContain('? keys  q leave');
  expect(keys).toBe(lines.length - 2);
}

const GIVEN_BACK = { ordinaryScreen: true, cursorShown: true };

describe('the terminal UI', () => {
  test('stops locating on esc, keeps what is cached, and goes on', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor(/background facts.* [1-9]\d\/\d+, \d+ s left · esc stops/);
    await shown.press('esc');
    await shown.waitFor('stopped: locating');
    const cached = maps();
    expect(cached).toBeGreaterThan(10);
    expect(edits()).toEqual([]);
    await shown.press('enter');
    await shown.waitFor('9 knowledge neurons');
    expect(maps()).toBeGreaterThan(cached);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
    expect(shown.given()).toEqual(GIVEN_BACK);
  });

  test('goes the whole way: from a file to an applied edit, and back', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter');
    await shown.waitFor('8 of 8 prompts answered with the object');
    expect(shown.screen()).toMatch(/✓ The capital of Kaz\w*… Almaty +98\.\d% +#1/);
    await expectFrame(shown, '1 Fact', SMALL.columns);

    await shown.press('n');
    await shown.waitFor('9 knowledge neurons');
    await expectFrame(shown, '2 Locate', SMALL.columns);
    await shown.waitFor(/3:\d+ +100% +0\.\d{4} {2}\w/); // with the words that it promotes
    await shown.press('left', 'left', 'left', 'left', 'left'); // threshold 0.20 to 0.10: the sets follow
    await shown.waitFor('threshold ‹0.10›');
    const [, more = ''] = /(\d+) knowledge neurons/.exec(shown.screen()) ?? [];
    expect(Number(more)).toBeGreaterThan(9);
    await shown.press('right', 'right', 'right', 'right', 'right');
    await shown.waitFor('9 knowledge neurons');

    await shown.press('n');
    await shown.waitFor('random: effect');
    await expectFrame(shown, '3 Operate', SMALL.columns);
    expect(shown.screen()).toMatch(/works\b[\s\S]*effect \+8\d\.\d points/);

    await shown.press('n');
    await shown.waitFor('works, better than random neurons: Astana is the answer to 8 of 8 prompts');
    await expectFrame(shown, '4 Check', SMALL.columns);
    expect(shown.screen()).toContain('no regressions: enter applies it');

    const checked = shown.output.length;
    await shown.press('enter');
    await shown.waitFor('applied as edit 1');
    expect(shown.output.slice(checked), 'nothing is computed again').not.toMatch(/measuring|locating/);
    await expectFrame(shown, '5 Ledger', SMALL.columns);
    expect(shown.screen()).toContain('base + 1 edit');
    expect(edits()).toEqual([{ name: 'fix-capital', status: 'applied' }]);

    await shown.press('enter');
    await shown.waitFor('Almaty 98.3%  Astana');
    await shown.press('esc', 'r');
    await shown.waitFor('Take edit 1 (fix-capital) back?');
    expect(shown.screen()).toContain('The value vectors of other edits stay as they are.');
    await shown.press('n');
    expect(edits()).toEqual([{ name: 'fix-capital', status: 'applied' }]);
    await shown.press('r');
    await shown.waitFor('Astana → Almaty');
    await shown.press('y');
    await shown.waitFor('edit 1 reverted: the model is its base again, byte for byte');
    expect(edits()).toEqual([{ name: 'fix-capital', status: 'reverted' }]);
    expect(shown.lines()[0]).toContain('kn-mini · base ·');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
    expect(shown.given()).toEqual(GIVEN_BACK);
  });

  test('leaves on Ctrl-C in the middle of a trial: ledger and terminal are sound', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    const before = edits();
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor('9 knowledge neurons');
    await shown.press('n');
    await shown.waitFor(/measuring controls \d\/5/);
    await shown.press('ctrl+c');
    expect(await shown.ended()).toBe(130);
    expect(edits()).toEqual(before);
    expect(shown.given()).toEqual(GIVEN_BACK);
  });

  test('follows the size of the terminal, and says when it is too small', async () => {
    const shown = open(LARGE);
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter');
    await shown.waitFor('8 of 8 prompts');
    await expectFrame(shown, '1 Fact', LARGE.columns);
    expect(shown.screen()).toContain('[MASK] serves as the seat of government for Kazakhstan.');
    for (const [size, step] of [
      [SMALL, '2 Locate'],
      [LARGE, '3 Operate'],
      [SMALL, '4 Check'],
      [LARGE, '5 Ledger'],
      [SMALL, '1 Fact'],
    ] as const) {
      shown.resize(size);
      await shown.press(step.charAt(0));
      await shown.waitFor(`[${step}]`);
      await shown.waitFor('─'.repeat(size.columns));
      await shown.press('right');
      await expectFrame(shown, step, size.columns);
    }
    shown.resize({ columns: 60, rows: 15 });
    await shown.waitFor('kn-edit needs 80x24; this terminal has 60x15');
    expect(shown.screen().trim().split('\n')).toHaveLength(1);
    shown.resize({ columns: 3, rows: 2 });
    await shown.press('j', '2', '1');
    shown.resize(SMALL);
    await shown.waitFor('[1 Fact]');
    await expectFrame(shown, '1 Fact', SMALL.columns);
    shown.signal('SIGTERM');
    await shown.ended();
    expect(shown.given()).toEqual(GIVEN_BACK);
  });

  test('takes a fact that is written by hand, and says in place what is wrong with it', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'write', 'enter', 'n');
    await shown.waitFor('the fact: 4 faults: (1) subject: must not be empty');
    await shown.press('Kazakhstan', 'enter', 'down', 'enter', 'capital', 'enter');
    await shown.press('down', 'enter', '北京', 'enter');
    await shown.press(
      'a',
      '\u001b[200~The capital of Kazakhstan is [MASK].\rKazakhstan 哈萨克斯坦 is governed from\r\u001b[201~',
    );
    await shown.waitFor('has no [MASK]');
    await shown.waitFor("is not in the model's");
    const divider = shown.lines().flatMap((line) => (line.includes('│') ? [columnOf(shown, '│')] : []));
    expect(new Set(divider).size).toBe(1);
    await shown.press('g', 'down', 'down', 'enter', 'backspace', 'backspace', 'Almaty', 'enter');
    await shown.press('end', 'up', 'd'); // the prompt without a mask
    await shown.waitFor(/✓ The capital of \w+… Almaty/);
    await shown.press('a', 'The capital of France is [MASK].', 'enter');
    await shown.waitFor(/✗ The capital of [\w ]+… Paris/);
    await shown.waitFor('rank 324: the model answers');
    await shown.press('tab', 'esc', '/', 'by its path', 'enter', 'enter');
    await shown.waitFor(/^.*│ path/m);
    await shown.press('no/such.json', 'enter');
    await shown.waitFor('no/such.json: cannot be read: no such file or directory');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('browses and searches the fact base', async () => {
    const shown = open();
    await shown.waitFor('183 facts');
    await shown.press('/', 'lang', 'enter', 'down');
    await shown.waitFor('The official language of [X] is [Y].');
    await shown.press('enter');
    await shown.waitFor('+ new fact, these wordings');
    await shown.waitFor('The object is missing');
    await shown.press('/', 'eswat');
    await shown.waitFor('language');
    await shown.waitFor(/Eswatini +Swazi/);
    await shown.press('enter', 'enter');
    await shown.waitFor(/of 8 prompts answered/);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('changes to another model, each with its own ledger, and back', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('m');
    await shown.waitFor(/● kn-mini +bert +4 +512 +4\.0 MB +embedded/);
    await shown.waitFor(/locating takes about .* of memory and .* a fact/);
    await shown.waitFor('enough for'); // the last of it
    await shown.press('end', 'enter', 'no/such', 'enter');
    await shown.waitFor('no/such: no such model directory');
    await shown.press('m');
    await shown.waitFor('+ another');
    await shown.press('end', 'enter', join(ROOT, 'tests/golden/gpt2'), 'enter');
    await shown.waitFor('gpt2 · base');
    const own = shown.lines()[0];
    expect(own).toMatch(/\.kn-edit\/[0-9a-f]{16}\.db$/);
    await shown.press('/', 'write', 'enter');
    await shown.waitFor('where the object follows');
    await shown.press('m');
    await shown.waitFor(/● gpt2 +gpt2 +\d+ +\d+/);
    await shown.press('g', 'enter');
    await shown.waitFor('kn-mini · base');
    expect(shown.lines()[0]).toMatch(/\.kn-edit\/[0-9a-f]{16}\.db$/);
    expect(shown.lines()[0]).not.toBe(own);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('writes no colours with NO_COLOR, and shows the same', async () => {
    const shown = open({ env: { NO_COLOR: '1' } });
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor('9 knowledge neurons');
    expect(shown.output.split('\u001b[').filter((part) => /^[\d;]*m/.test(part))).toEqual([]);
    expect(shown.screen()).toMatch(/L3 .*[▒▓█]/);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('refuses what harms others, unless the word is typed', async () => {
    const shown = open(LARGE);
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor('9 knowledge neurons');
    await shown.press('n');
    await shown.waitFor('random: effect');
    await shown.press('down', 'down', 'right', 'right'); // method relative: the paper's, which breaks neighbours
    await shown.waitFor('λ new');
    await shown.waitFor('harms others');
    await shown.press('4');
    await shown.waitFor(/\d+ regressions, perplexity \+[\d.]+%: it is refused; f applies it anyway/);
    const [, was = '', becomes = '', probability = ''] =
      /^❯ .*? (\S+) [\d.]+% → (\S+) ([\d.]+)%/m.exec(shown.screen()) ?? [];
    expect(becomes, shown.screen()).not.toBe(was);
    const [prompt = ''] = /^ {2}(?! ).*(?=\n {2}before )/m.exec(shown.screen()) ?? [];
    const before = edits();
    await shown.press('enter');
    await shown.waitFor('the check failed, so it is refused');
    await shown.press('f');
    await shown.waitFor('type apply and enter:');
    await shown.press('appl', 'enter');
    await shown.waitFor('that is not "apply"');
    expect(edits()).toEqual(before);
    await shown.press('y'.slice(1), 'backspace', 'ly', 'enter');
    await shown.waitFor(`applied as edit ${before.length + 1}`);
    expect(edits()).toHaveLength(before.length + 1);
    // The word and the probability that the check showed belong together: the model answers so from now on.
    const answers = await runCli(['probe', '--prompt', prompt.trim(), '--json'], { cwd });
    const [first] = z.object({ top: z.array(answer) }).parse(JSON.parse(answers.stdout)).top;
    expect(first?.token).toBe(becomes);
    expect((100 * (first?.prob ?? 0)).toFixed(1)).toBe(probability);
    await shown.press('r');
    await shown.waitFor('back?');
    await shown.press('y');
    await shown.waitFor('reverted: the model is its base again, byte for byte');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });
});

/** The column in which a character stands, wide characters counted as they are drawn. */
function columnOf(shown: Terminal, character: string): number {
  const buffer = shown.emulator.buffer.active;
  for (let y = 3; y < shown.emulator.rows; y++) {
    for (let x = 0; x < shown.emulator.cols; x++) {
      if (buffer.getLine(y)?.getCell(x)?.getChars() === character) return x;
    }
  }
  return -1;
}

describe('without a terminal', () => {
  test('kn-edit tui says so, exit 2', async () => {
    mkdirSync(join(cwd, 'empty'), { recursive: true });
    const { code, stdout, stderr } = await runCli(['tui'], { cwd: join(cwd, 'empty') });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^kn-edit: the terminal UI needs a terminal; kn-edit --help lists [^\n]+\n$/);
  });
});
