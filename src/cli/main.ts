#!/usr/bin/env node
// The program's entry: how it starts, and how a failure leaves it. What it does is loaded as it is needed.
import { errorData } from '../errors.js';
import { COMPLETE } from './completion/scripts.js';
import { complain, failureLine, openOutput, printDocument, printStack } from './output.js';

function fail(error: unknown, args: string[]): void {
  const { code, message, exitCode, stack } = errorData(error);
  process.exitCode = exitCode;
  const json = args.some((arg, i) => {
    return /^--(json(=true)?|format=json)$/.test(arg) || (arg === 'json' && args[i - 1] === '--format');
  });
  if (json) printDocument({ error: { code, message: failureLine(message) } });
  else complain(message);
  if (args.includes('--verbose') && stack) printStack(stack);
}

/** The terminal UI on a terminal, when nothing else is asked for; without the command line's own modules, to be quick. */
async function start(args: string[]): Promise<void> {
  if (args.length === 0 && process.stdin.isTTY && process.stdout.isTTY) {
    const { openTui } = await import('./open-tui.js');
    return openTui({});
  }
  if (args[0] === COMPLETE) {
    const { printCompletion } = await import('./completion/print.js');
    return printCompletion(args[1] ?? '');
  }
  const { runProgram } = await import('./program.js');
  return runProgram(args);
}

openOutput();
const args = process.argv.slice(2);
await start(args).catch((error: unknown) => fail(error, args));
