// What the command line writes: nothing that a terminal obeys gets through, a reader that leaves is no failure, and a
// device that takes no more is told of in one line.
import { InputError, systemReason } from '../errors.js';
import { silenceLibraries } from '../quiet.js';
import type { Page } from '../report/page.js';
import { oneLine, PLAIN, printableJson, printableLines, type Style } from '../report/style.js';
import type { Table } from '../report/table.js';
import type { Format } from './options.js';

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

/** What a command has to say. */
export interface Output {
  /** The document that `--format json` prints. */
  json: object;
  text: (page: Page) => string;
  /** What `--format csv` and `md` print; of commands that offer them (`tableFormats`). */
  table?: ((style: Style) => Table) | undefined;
  exitCode?: number | undefined;
  /** What was changed, for the case that the output cannot be written: "edit 3 is applied". */
  change?: string | undefined;
}

export interface PrintOptions {
  /** What is worth knowing beside it; part of a document. */
  notes: readonly string[];
  /** Whether what is longer than the terminal may go through a pager. */
  pages: boolean;
}

/** Prints what a command has to say on stdout, and waits for a pager to be left. */
export async function printOutput(
  output: Output,
  format: Format,
  { notes, pages }: PrintOptions,
): Promise<void> {
  done = output.change;
  if (format === 'json') return printDocument(notes.length > 0 ? { ...output.json, notes } : output.json);
  const { stdout } = process;
  const text = `${printableLines(await textOf(output, format), stdout)}\n`;
  const { pagerFor, pageThrough } = await import('./pager.js');
  const pager = pages ? pagerFor(text, stdout) : undefined;
  if (!pager || !(await pageThrough(pager, text))) stdout.write(text);
}

async function textOf({ text, table }: Output, format: Format): Promise<string> {
  if (format === 'csv' || format === 'md') {
    const { csvTable, markdownTable } = await import('../report/table.js');
    if (!table) throw new InputError(`--format ${format}: there is no table in this; use table or json`);
    return (format === 'csv' ? csvTable : markdownTable)(table(PLAIN));
  }
  const { pageFor, wrapLines } = await import('../report/page.js');
  const page = pageFor(process.stdout);
  return wrapLines(text(page), page.width);
}

/** Prints one JSON document on stdout. */
export function printDocument(value: unknown): void {
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
