// What the command line writes: nothing that a terminal obeys gets through, a reader that leaves is no failure, and a
// device that takes no more is told of in one line.
import { systemReason } from '../errors.js';
import { silenceLibraries } from '../quiet.js';
import { oneLine, printableJson, printableLines } from '../report/style.js';

/** Files can hold anything, and messages quote them. */
const LONGEST_MESSAGE = 2000;
/** Lines of a stack trace; Node's own limit is 10. */
const LONGEST_STACK = 50;

/** What stands although it cannot be reported, for the complaint about stdout. */
let done: string | undefined;

/** Prepares stdout and stderr. To be called once, before anything is written. */
export function openOutput(): void {
  process.stderr.on('error', () => undefined); // there is nobody left to tell
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return; // a reader that has seen enough (`| head`); the exit code stays what it is
    process.exitCode ||= 1;
    complain(`the output cannot be written: ${systemReason(error)}${done ? `; ${done}` : ''}`);
  });
  silenceLibraries();
}

/** Prints text on stdout. @param change what has been changed, to be told even when this cannot be written */
export function printText(text: string, change?: string): void {
  done = change;
  process.stdout.write(`${printableLines(text, process.stdout)}\n`);
}

/** Prints one JSON document on stdout. @param change as for text */
export function printDocument(value: unknown, change?: string): void {
  done = change;
  process.stdout.write(`${printableJson(value)}\n`);
}

/** A failure's message as it is printed: on one line, and not without end. */
export function failureLine(message: string): string {
  const line = oneLine(message.slice(0, 2 * LONGEST_MESSAGE));
  return line.length <= LONGEST_MESSAGE ? line : `${line.slice(0, LONGEST_MESSAGE)}…`;
}

/** Says on stderr what is wrong. */
export function complain(message: string): void {
  process.stderr.write(`kn-edit: ${failureLine(message)}\n`);
}

/** Says on stderr what is worth knowing. */
export function printNote(text: string): void {
  process.stderr.write(`note: ${failureLine(text)}\n`);
}

/** Prints where an error comes from, without its message. */
export function printStack(stack: string): void {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  const lines = frames.slice(0, LONGEST_STACK).map((line) => line.slice(0, LONGEST_MESSAGE));
  process.stderr.write(`${printableLines(lines.join('\n'), process.stderr)}\n`);
}
