// Lists in a terminal: what they show is found by words, sorted and clicked on, wherever there is a list.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 140, rows: 45 };

async function open(options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  const cwd = temporaryDirectory();
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
  const terminal = new Terminal([], { cwd, ...SMALL, ...options });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('kn-mini · base');
  return terminal;
}

/** Clicks on the first place where a text stands. */
async function click(terminal: Terminal, text: string): Promise<void> {
  const row = terminal.lines().findIndex((line) => line.includes(text));
  const column = (terminal.lines()[row] ?? '').indexOf(text);
  await terminal.press(`\u001b[<0;${column + 1};${row + 1}M\u001b[<0;${column + 1};${row + 1}m`);
}

const neurons = (terminal: Terminal) =>
  [...terminal.screen().matchAll(/(3:\d+) +\d+%/g)].map(([, one]) => one);

test.each([{}, { NO_COLOR: '1' }])(
  'of locating: neurons and prompts (%o)',
  { timeout: 400_000 },
  async (env) => {
    const terminal = await open({ env });
    await terminal.press('/', 'fix-cap', 'enter', 'n');
    await terminal.waitFor('9 knowledge neurons');
    await terminal.waitFor('nakfa'); // the words that the first one promotes
    terminal.resize(LARGE);
    await terminal.waitFor('1/9');
    await terminal.press('S', 'R');
    await terminal.waitFor(/↓neuron[\s\S]*(3:\d+ +\d+%[\s\S]*){9}/);
    const numbers = neurons(terminal).map((name = '') => Number(name.split(':')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    await terminal.press('/', 'nakfa', 'enter');
    await terminal.waitFor('1/1');
    expect(neurons(terminal)).toEqual(['3:133']);
    await terminal.press('esc');
    await terminal.waitFor('1/9');
    terminal.resize(SMALL);
    await terminal.waitFor('─'.repeat(SMALL.columns));
    await click(terminal, '3:445');
    await terminal.waitFor(/❯ 3:445/);
    await click(terminal, '3:445');
    await terminal.waitFor('refined: coarse in');
    await terminal.press('esc', 'p', '/', 'embassies', 'enter');
    await terminal.waitFor('the map of “Foreign embassies');
    await click(terminal, ' L3 ');
    await terminal.waitFor(/neurons? \d+-\d+ of layer 3: 3:\d+|layer 3: 3:\d+/);
    if ('NO_COLOR' in env) expect(terminal.output).not.toContain('\u001b[36m');
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
  },
);

test('of facts, of a relation, and of models', { timeout: 400_000 }, async () => {
  const terminal = await open();
  await click(terminal, '156 facts');
  await terminal.waitFor(/❯ capital/);
  await click(terminal, '156 facts');
  await terminal.waitFor('+ new fact, these wordings');
  await terminal.press('S', 'S');
  await terminal.waitFor('capital, ↑what');
  await terminal.press('/', 'kazakhstan', 'enter');
  await terminal.waitFor(/❯ Kazakhstan +Almaty/);
  await terminal.press('esc', 'esc', '/', 'almaty', 'enter');
  await terminal.waitFor(/Kazakhstan +capital/); // found by its object, which is not in sight
  await terminal.press('C');
  await terminal.waitFor('space show or hide');
  await terminal.press('space', 'enter');
  await terminal.waitFor(/^❯ Kazakhstan +│/m);
  await terminal.press('m');
  await terminal.waitFor(/● kn-mini +bert/);
  await terminal.press('/', 'another', 'enter');
  await terminal.waitFor('❯   + another');
  expect(terminal.screen()).not.toContain('● kn-mini');
  terminal.resize(LARGE);
  await terminal.waitFor('or a model of the hub by its name');
  await terminal.press('q');
  expect(await terminal.ended()).toBe(0);
});
