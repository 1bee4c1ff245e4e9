#!/usr/bin/env node
// The program's entry: how it starts, and how a failure leaves it. What it does is loaded as it is needed.
import { errorData } from '../errors.js';
import { printable } from '../report/style.js';

/** Files can hold anything, and messages quote them. */
const LONGEST_MESSAGE = 1000;

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** A message on one line, in time linear in its length. */
function oneLine(message: string): string {
  const start = message.slice(0, 2 * LONGEST_MESSAGE);
  const lines = start.split('\n').map((line) => line.trim());
  return truncate(printable(lines.filter(Boolean).join(' ')), LONGEST_MESSAGE);
}

function fail(error: unknown, args: string[]): void {
  const { code, message, exitCode, stack } = errorData(error);
  const line = oneLine(message);
  if (args.some((arg) => arg === '--json' || arg === '--json=true'))
    process.stdout.write(`${JSON.stringify({ error: { code, message: line } })}\n`);
  else process.stderr.write(`kn-edit: ${line}\n`);
  if (args.includes('--verbose') && stack) process.stderr.write(`${stack}\n`);
  process.exitCode = exitCode;
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** The terminal UI on a terminal, when nothing else is asked for; without the command line's own modules, to be quick. */
async function start(args: string[]): Promise<void> {
  if (args.length === 0 && process.stdin.isTTY && process.stdout.isTTY) {
    const { openTui } = await import('./open-tui.js');
    return openTui({});
  }
  const { runProgram } = await import('./program.js');
  return runProgram(args);
}

const args = process.argv.slice(2);
await start(args).catch((error: unknown) => fail(error, args));
