// The program as the pictures walk through it: one terminal, each of whose screens can be printed as text.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { type Size, Terminal } from '../support/terminal.js';

/** Of each step from the second one on, what stands there once all is computed. */
export const READY = {
  located: /\d neurons? {2}|3:\d+ +100% .* {2}\w/,
  tried: /random: effect/,
  measured: /enter applies it/,
  applied: /applied as edit/,
};
/** Nothing is measured here: a busy machine may take its time. */
const WAIT_MS = 240_000;
/** A screen that has what it waited for may be drawn once more. */
const SETTLES_MS = 500;

export interface Walk {
  terminal: Terminal;
  /** Its own directory, with the example edits and a ledger of its own. */
  cwd: string;
  /** Waits for a text, and prints the screen under a title. */
  show(title: string, what: string | RegExp): Promise<void>;
}

/** The program at its first screen. */
export async function begin({ columns, rows }: Size): Promise<Walk> {
  const cwd = temporaryDirectory();
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
  const terminal = new Terminal([], { cwd, columns, rows });
  onTestFinished(() => terminal.close());
  await terminal.waitFor('kn-mini · base');
  const show = async (title: string, what: string | RegExp) => {
    await terminal.waitFor(what, WAIT_MS);
    await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
    process.stdout.write(`\n${columns}x${rows}: ${title}\n${terminal.screen()}\n`);
  };
  return { terminal, cwd, show };
}
