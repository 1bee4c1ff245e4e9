// npm run bench:frames: how long the first frame takes, how long the screen ever stands still while a fact is located, and how
// long a key then waits for its answer.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { Terminal } from '../support/terminal.js';

const STARTS = 10;
const LOCATES = 3;
/** Keys pressed in each of them. */
const KEYS = 12;

test('frames', async () => {
  const firsts: number[] = [];
  const gaps: number[] = [];
  const answers: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const cwd = mkdtempSync(join(tmpdir(), 'kn-edit-frames-'));
    cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
    const began = performance.now();
    const terminal = new Terminal([], { cwd });
    await terminal.waitFor('facts and edits');
    firsts.push(performance.now() - began);
    if (start < LOCATES) {
      const from = await locate(terminal);
      answers.push(...(await answersTo(terminal)));
      gaps.push(await longestGap(terminal, from));
    }
    await terminal.press('q');
    await terminal.ended();
    terminal.close();
    rmSync(cwd, { recursive: true, force: true });
  }
  const shown = (times: number[]) => times.map((time) => time.toFixed(0)).join(' ');
  process.stdout.write(
    `first frame: median ${median(firsts).toFixed(0)} ms of ${STARTS} starts (${shown(ascending(firsts))})\n` +
      `while locating, background facts included, in ${LOCATES} runs:\n` +
      `  longest gap between frames: ${shown(gaps)} ms\n` +
      `  from a key to its frame: median ${median(answers).toFixed(0)} ms of ${answers.length} keys (${shown(ascending(answers))})\n`,
  );
  expect(gaps).toHaveLength(LOCATES);
});

/** Locates a fact of which nothing is cached. @returns how many pieces of output there were before */
async function locate(terminal: Terminal): Promise<number> {
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'fix-cap', 'enter', 'n');
  await terminal.waitFor('locating');
  return terminal.frames.length;
}

/** Has the keys of the screen shown and hidden, in turn, while it locates. @returns how long each took, in milliseconds */
async function answersTo(terminal: Terminal): Promise<number[]> {
  const times: number[] = [];
  while (times.length % 2 === 1 || (times.length < KEYS && terminal.screen().includes('locating'))) {
    const began = performance.now();
    terminal.burst('?');
    await terminal.waitFor(times.length % 2 === 0 ? 'show these keys, or hide' : 'preset default');
    times.push(performance.now() - began);
  }
  return times;
}

/** @returns the longest time without output until the fact is located, in milliseconds */
async function longestGap(terminal: Terminal, from: number): Promise<number> {
  await terminal.waitFor('9 knowledge neurons');
  const frames = terminal.frames.slice(from);
  return Math.max(...frames.slice(1).map((time, i) => time - (frames[i] ?? time)));
}

function ascending(times: readonly number[]): number[] {
  return times.toSorted((a, b) => a - b);
}

function median(times: readonly number[]): number {
  const sorted = ascending(times);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
