// npm run bench:frames: how long the first frame takes, and how long the screen ever stands still while a fact is located.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/cli.js';
import { Terminal } from '../support/terminal.js';

const STARTS = 10;
const LOCATES = 3;

test('frames', async () => {
  const firsts: number[] = [];
  const gaps: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const cwd = mkdtempSync(join(tmpdir(), 'kn-edit-frames-'));
    cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
    const began = performance.now();
    const terminal = new Terminal([], { cwd });
    await terminal.waitFor('facts and edits');
    firsts.push(performance.now() - began);
    if (start < LOCATES) gaps.push(await longestGap(terminal));
    await terminal.press('q');
    await terminal.ended();
    terminal.close();
    rmSync(cwd, { recursive: true, force: true });
  }
  const shown = (times: number[]) => times.map((time) => time.toFixed(0)).join(' ');
  const sorted = firsts.toSorted((a, b) => a - b);
  const median = ((sorted[STARTS / 2 - 1] ?? 0) + (sorted[STARTS / 2] ?? 0)) / 2;
  process.stdout.write(
    `first frame: median ${median.toFixed(0)} ms of ${STARTS} starts (${shown(sorted)})\n` +
      `longest gap between frames while locating: ${shown(gaps)} ms in ${LOCATES} runs, background facts included\n`,
  );
  expect(gaps).toHaveLength(LOCATES);
});

/** Locates a fact of which nothing is cached. @returns the longest time without output, in milliseconds */
async function longestGap(terminal: Terminal): Promise<number> {
  await terminal.waitFor('kn-mini · base');
  await terminal.press('/', 'fix-cap', 'enter', 'n');
  await terminal.waitFor('locating');
  const from = terminal.frames.length;
  await terminal.waitFor('9 knowledge neurons');
  const frames = terminal.frames.slice(from);
  return Math.max(...frames.slice(1).map((time, i) => time - (frames[i] ?? time)));
}
