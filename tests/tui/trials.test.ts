// Trials side by side: in a terminal, on the real model and a real ledger; and the rule for the best one.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ApplyResult } from '../../src/index.js';
import type { Trial } from '../../src/tui/bench.js';
import { textAmong } from '../../src/tui/screens/trial-fields.js';
import { bestOf } from '../../src/tui/trials.js';
import { ROOT } from '../support/cli.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 140, rows: 45 };
/** What is said while something is computed. */
const COMPUTES = /probing|operating|measuring|locating|attributing/;

let cwd: string;
/** One place for all tests of this file: the background facts are located once. */
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-trials-'));
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The example edit, tried, on a screen of some size. */
async function tried(options: Partial<TerminalOptions>): Promise<Terminal> {
  const terminal = new Terminal([], { cwd, ...options });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'fix-cap', 'enter', 'n');
  await terminal.waitFor('9 knowledge neurons');
  await terminal.press('n');
  await terminal.waitFor(/works, better than random/);
  return terminal;
}

/** Whether all that stands in a line right of the divider is dim. */
function isDim(terminal: Terminal, text: string): boolean {
  const y = terminal.lines().findIndex((line) => line.includes(text));
  const line = terminal.emulator.buffer.active.getLine(y);
  const from = terminal.lines()[y]?.indexOf(text) ?? 0;
  return Array.from({ length: text.length }, (_, i) => line?.getCell(from + i)?.isDim()).every(Boolean);
}

const effects = {
  solve: /effect \+8\d\.\d points/,
  suppress: /effect -3\d\.\d points/,
  amplify: /effect -\d\.\d points/,
};

describe('trials', () => {
  test('are listed, compared, and taken again without computing; one is applied as it was measured', {
    timeout: 400_000,
  }, async () => {
    const shown = await tried(SMALL);
    const [solved = ''] = effects.solve.exec(shown.screen()) ?? [];
    expect(isDim(shown, 'The capital of Kaz')).toBe(false);

    // The last trial stays in sight, dimmed, until there is another.
    await shown.press('right');
    await shown.waitFor('above, the last trial: solve → Astana');
    expect(shown.screen()).toContain('‹suppress›');
    expect(isDim(shown, 'The capital of Kaz')).toBe(true);
    await shown.waitFor(effects.suppress);
    expect(isDim(shown, 'The capital of Kaz')).toBe(false);
    await shown.press('right');
    await shown.waitFor('‹× 2›');
    await shown.waitFor(effects.amplify);

    await shown.press('v');
    await shown.waitFor('at hand: trial 3, amplify × 2');
    expect(shown.screen()).toContain('★ best: all that was asked, beats random, fewest regressions');
    const rows = () => shown.lines().filter((line) => /^[❯ ] +[●★]*\d {2}/.test(line));
    expect(
      rows().map((line) =>
        line
          .replace(/^[❯ ] +/, '')
          .slice(0, 20)
          .trimEnd(),
      ),
    ).toEqual(['★1  solve → Astana', '2  suppress', '3  amplify × 2']);
    expect(rows()[0]).toMatch(/\+8\d\.\d +\+9\d\.\d +0\.\d\d% +2\/2 +0 +128 *$/);
    shown.resize(LARGE);
    await shown.waitFor(/★1 {2}solve → Astana .* works *$/m);
    shown.resize(SMALL);
    await shown.waitFor(/neurons *$/m);

    await shown.press('d');
    await shown.waitFor('space marks two trials');
    await shown.press('space', 'down', 'space', 'd');
    await shown.waitFor('trials 1 and 2');
    expect(shown.screen()).toMatch(/operation +solve → Astana +suppress\n/);
    expect(shown.screen()).toMatch(/ held-out +2\/2 +0\/2\n/);
    expect(shown.screen()).toContain('9 neurons in common; 119 and 0 of their own');
    await shown.press('end');
    await shown.waitFor(/target .*Almaty 9\d\.\d% +Astana \d\d\.\d% +Almaty \d\d\.\d%/);
    await shown.press('esc');
    await shown.waitFor('at hand: trial 3');

    const before = shown.output.length;
    await shown.press('g', 'enter');
    await shown.waitFor(solved);
    expect(shown.screen()).toContain('method     ‹solve›');
    await shown.press('u');
    await shown.waitFor('‹amplify›');
    await shown.waitFor(effects.amplify);
    await shown.press('u');
    await shown.waitFor(effects.suppress);
    await shown.press('U', 'U');
    await shown.waitFor(solved);
    await shown.press('U');
    await shown.waitFor('nothing was taken back');

    await shown.press('n');
    await shown.waitFor('no regressions: enter applies it');
    expect(
      shown.lines().filter((line) => / (unrelated|neighbourhood) .* → /.test(line)).length,
    ).toBeGreaterThan(7);
    await shown.press('c', 'c', 'c');
    await shown.waitFor('all that was measured, in words');
    expect(shown.screen()).toMatch(/location bought .*[\s\S]*further facts lost/);
    await shown.press('c', 'c', 'c');
    await shown.waitFor('every probe');
    expect(shown.screen()).toMatch(/before +✓Almaty 98\.\d% {2}\S+ [\d.]+% {2}\S+ [\d.]+%/);
    expect(shown.screen()).toMatch(/after +Astana 9\d\.\d% {2}\S+ [\d.]+% {2}\S+ [\d.]+%/);
    await shown.press('enter');
    await shown.waitFor('applied as edit 1');
    expect(shown.output.slice(before), 'nothing was computed').not.toMatch(COMPUTES);
    expect(shown.screen()).toContain(` ${solved.slice(7, 12)} `); // the effect, as it was shown

    // In another state of the model there are no trials yet; in the same one they are there again.
    await shown.press('3', 'v');
    await shown.waitFor("nothing was tried on this fact in the model's present state; 3 in others");
    await shown.press('5', 'r');
    await shown.waitFor('back?');
    expect(shown.screen()).toMatch(/": Astana → Almaty/);
    await shown.press('y');
    await shown.waitFor('the model is its base again');
    await shown.press('3', 'v', 'down');
    await shown.waitFor(/❯ +●2 {2}suppress/); // still marked
    const reverted = shown.output.length;
    await shown.press('enter');
    await shown.waitFor(effects.suppress);
    expect(shown.output.slice(reverted)).not.toMatch(COMPUTES);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('read the same without colours, on a large screen', { timeout: 400_000 }, async () => {
    const shown = await tried({ ...LARGE, env: { NO_COLOR: '1' } });
    await shown.press('right', '4');
    await shown.waitFor('above, the last trial: solve → Astana');
    await shown.press('enter'); // what is not measured is not applied
    await shown.waitFor(/harms others.* 2 regressions/);
    await shown.press('v');
    await shown.waitFor('★1');
    expect(shown.screen()).toMatch(/ verdict/);
    await shown.press('space', 'down', 'space');
    await shown.waitFor('●★1');
    await shown.press('S', '/', 'suppr', 'enter');
    await shown.waitFor(/^❯ +●2 {2}suppress/m);
    expect(shown.screen()).not.toContain('★1');
    await shown.press('v');
    await shown.waitFor('what else changed');
    await shown.press('v'); // as it was left
    await shown.waitFor(/^❯ +●2 {2}suppress/m);
    expect(shown.screen()).not.toContain('★1');
    expect(shown.screen()).toContain('↑trial  operation');
    await shown.press('esc');
    await shown.waitFor('★1');
    await shown.press('esc');
    await shown.waitFor('what else changed');
    expect(shown.output.split('\u001b[').filter((part) => /^[\d;]*m/.test(part))).toEqual([]);
    await shown.press('5');
    await shown.waitFor('created (UTC)');
    expect(shown.screen(), 'nothing was applied').not.toMatch(/ applied /);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });
});

test('trials that read the same are told apart by how they were located', () => {
  const tried = [{}, { share: 0.55 }, { share: 0.6, site: 'pre' }].map((options): Trial => {
    const choice = { operation: { type: 'amplify', factor: 2 }, chosen: [], left: new Set(), options };
    return { key: '', fact: '', state: '', before: [], after: [], result: undefined, choice } as never;
  });
  expect(tried.map((one) => textAmong(one, tried))).toEqual([
    'amplify × 2',
    'amplify × 2, share 0.55',
    'amplify × 2, share 0.6, site pre',
  ]);
  expect(textAmong(tried[1] as Trial, tried.slice(1, 2))).toBe('amplify × 2');
});

describe('the best trial', () => {
  const share = (after: number) => ({ before: 0, after, of: 2 });
  const trial = (key: string, change: Partial<ApplyResult> & { effect?: number } = {}): Trial => {
    const { effect = 0.5, ...rest } = change;
    const result = {
      comparison: 'better than random',
      reach: { intent: 'replace', target: share(2), heldOut: share(2) },
      regressions: [],
      metrics: { effect },
      ...rest,
    } as unknown as ApplyResult;
    return { key, fact: '', state: '', before: [], after: [], result, choice: {} as Trial['choice'] };
  };
  const lost = (count: number) => ({ regressions: Array(count).fill({}) as ApplyResult['regressions'] });
  const best = (...trials: Trial[]) => bestOf(trials)?.key;

  test('does all that was asked, and is better than random', () => {
    expect(best()).toBeUndefined();
    expect(best(trial('no better', { comparison: 'no better than random', effect: 0.9 }))).toBeUndefined();
    const half = { intent: 'replace', target: share(1), heldOut: share(2) } as const;
    const narrow = { intent: 'replace', target: share(2), heldOut: share(1) } as const;
    expect(best(trial('half', { reach: half }), trial('narrow', { reach: narrow }))).toBeUndefined();
    expect(best({ ...trial('running'), result: undefined }, trial('whole'))).toBe('whole');
  });

  test('breaks least; then it does most; then it came first', () => {
    expect(best(trial('a', { ...lost(2), effect: 0.9 }), trial('b', { ...lost(1), effect: 0.1 }))).toBe('b');
    expect(best(trial('a', { effect: 0.5 }), trial('b', { effect: -0.6 }))).toBe('b');
    expect(best(trial('a'), trial('b'))).toBe('a');
  });
});
