// A neuron in whole, and the cursor on the map, as people meet them: the built program in a pty, with resize and without
// colours.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 140, rows: 45 };

let cwd: string;
let terminal: Terminal | undefined;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-neuron-'));
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
});
afterEach(() => terminal?.close());
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The example, located; its maps are computed once. */
async function located(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  terminal = new Terminal([], { cwd, ...SMALL, ...options });
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'fix-cap', 'enter', 'n');
  await terminal.waitFor('9 knowledge neurons');
  return terminal;
}

/** Nothing is wider than the terminal, and the keys stand in the last line. */
function expectWhole(shown: Terminal, columns: number): void {
  const lines = shown.lines();
  expect(lines[2]).toBe('─'.repeat(columns));
  expect(lines.at(-2)).toContain('? keys  q leave');
}

describe('a neuron', () => {
  test('is opened from the list, scrolled, left for the next one, and closed', async () => {
    const shown = await located();
    await shown.press('enter');
    await shown.waitFor('refined: coarse in 100% of the prompts');
    expectWhole(shown, SMALL.columns);
    expect(shown.screen()).toMatch(/neuron 3:133 .* 1 of 9 · 1-1\d\/\d\d/);
    expect(shown.screen()).toMatch(/readout +promotes \S+ \+/);
    expect(shown.lines().at(-2)).toContain('tab next part  ');
    expect(shown.lines().at(-2)).toContain('esc back');
    shown.resize(LARGE);
    await shown.waitFor(/suppressed +98\.0% → \d\d\.\d%/);
    expectWhole(shown, LARGE.columns);
    shown.resize(SMALL);
    await shown.press('end');
    await shown.waitFor(/neuron 3:133 .* 1 of 9 · \d+-(\d\d)\/\1/);
    expect(shown.screen()).not.toContain('--json');
    await shown.press('tab', 'tab');
    await shown.waitFor(/1 of 9 · [2-9]-/);
    await shown.press('right');
    await shown.waitFor(/neuron 3:223 .* 2 of 9 · 1-1\d/);
    await shown.press('esc');
    await shown.waitFor('mean score over 8 prompts');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('of the edit at hand tells what leaving it out saves', async () => {
    const shown = await located(LARGE);
    await shown.press('n');
    await shown.waitFor('random: effect');
    await shown.press('end');
    await shown.press('enter');
    await shown.waitFor(/neuron 3:\d+ .* 128 of 128/);
    await shown.waitFor(/the edit's effect on its fact goes from \+8\d\.\d points with all 128 neurons/);
    await shown.press('esc');
    await shown.waitFor('random: effect');
    await shown.press('q');
    await shown.ended();
  });
});

describe('the map through the layers', () => {
  test('has a cursor that goes from layer to layer, and opens what it is on', async () => {
    const shown = await located();
    await shown.press('v');
    await shown.waitFor(/^L3 .*[●◆].*[\s\S]*^L0 .*○/m);
    await shown.waitFor(/● 3:133 {2}score \+0\.1055/);
    expectWhole(shown, SMALL.columns);
    shown.resize(LARGE);
    await shown.waitFor('─'.repeat(LARGE.columns));
    expectWhole(shown, LARGE.columns);
    await shown.press('down');
    await shown.waitFor(/○ 2:\d+ {2}score/);
    expect(shown.screen()).toMatch(/feeds {2}3:\d+ [+-]/);
    await shown.press('enter');
    await shown.waitFor(/neuron 2:\d+ .* of 18/);
    await shown.waitFor('norm of its value vector');
    await shown.press('esc');
    await shown.waitFor(/○ 2:\d+ {2}score/);
    await shown.press('v');
    await shown.waitFor('mean score over 8 prompts');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });
});

describe('the map', () => {
  test.each([{}, { NO_COLOR: '1' }])(
    'has a cursor, a layer alone, and one for each prompt (%o)',
    async (env) => {
      const shown = await located({ env });
      await shown.press('c', 'up', 'up', 'up', 'right');
      await shown.waitFor(/neurons 7-13 of layer 3: 3:\d+ \d\.\d{4} {2}\w/);
      expectWhole(shown, SMALL.columns);
      await shown.press('z');
      await shown.waitFor(/^ 450 /m);
      await shown.press('z', 'c');
      await shown.waitFor('mean score over 8 prompts');
      await shown.press('p', 'down');
      await shown.waitFor('the map of “[MASK] is the capital of Kazakhstan.”');
      if ('NO_COLOR' in env) {
        expect(shown.output.split('\u001b[').filter((part) => /^[\d;]*m/.test(part))).toEqual([]);
      }
      await shown.press('q');
      expect(await shown.ended()).toBe(0);
    },
  );
});
