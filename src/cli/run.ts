// How every command runs: opens a session, shows progress, prints text or one JSON document, sets the exit code.
import { InputError, InterruptedError } from '../errors.js';
import { megabytes } from '../report/numbers.js';
import { paceText, stageText } from '../report/progress.js';
import { printable } from '../report/style.js';
import type { Control, Progress } from '../session/context.js';
import type { Session } from '../session/session.js';
import { type CommonArguments, formatOf } from './options.js';
import { type Output, printNote, printOutput } from './output.js';
import { findProject, sessionOptions } from './project.js';

/** Exit code of a command that the regression check refuses. */
export const REFUSED = 3;

/**
 * Runs a command's work in a session. Ctrl-C stops it; nothing is half done afterwards. What `control.onNote` is told goes
 * to stderr, with `--json` into the document where the command succeeds.
 */
export async function runCommand(
  argv: CommonArguments,
  work: (session: Session, control: Control) => Promise<Output> | Output,
): Promise<void> {
  const { Session } = await import('../session/session.js');
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(new InterruptedError().exitCode); // asked twice: at once
    abort.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const format = formatOf(argv);
  const progress = format === 'json' || argv.quiet ? undefined : progressLine(process.stderr);
  const session = new Session(sessionOptions(argv, await findProject()));
  const notes = new Set<string>();
  const onNote = (text: string) => notes.add(text);
  const tellNotes = () => {
    if (!argv.quiet) for (const note of notes) printNote(note);
  };
  let output: Output;
  try {
    output = await work(session, { signal: abort.signal, onProgress: progress?.show, onNote });
  } catch (error) {
    progress?.clear();
    tellNotes();
    throw asTyped(error);
  } finally {
    progress?.clear();
    await session.close();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
  if (format !== 'json') tellNotes();
  process.exitCode = output.exitCode ?? 0; // before writing, which may fail
  await printOutput(output, format, { notes: [...notes], pages: !argv.noPager });
}

/** Arguments of the session that are options here. */
const OPTIONS = ['prompt', 'target', 'target.id', 'top', 'subject', 'relation', 'object'];

/** A complaint about an argument of the session, with its name as it was typed, where it was: `--prompt`, `--target-id`. */
function asTyped(error: unknown): unknown {
  if (!(error instanceof InputError && error.field && OPTIONS.includes(error.field))) return error;
  const { field, message } = error;
  const option = `--${field.replace('.', '-')}`;
  const typed = process.argv.some((word) => word === option || word.startsWith(`${option}=`));
  return typed ? new InputError(message.slice(field.length + 2), option) : error;
}

const CELLS = 24;

/** A progress line that is rewritten in place, on a terminal; nothing anywhere else. */
function progressLine(stream: NodeJS.WriteStream) {
  if (!stream.isTTY) return undefined;
  let last = 0;
  return {
    show: ({ stage, done, total, file, pace }: Progress) => {
      const now = performance.now();
      if (done > 0 && done < total && now - last < 50) return;
      last = now;
      const filled = Math.round((done / Math.max(1, total)) * CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
      const far = stage === 'download' ? `${megabytes(done)} of ${megabytes(total)}` : `${done}/${total}`;
      const what = [stageText(stage), file, pace && paceText(pace)].filter(Boolean).join(' ');
      const line = `${bar} ${far} ${what}`;
      stream.write(`\r\u001b[K${printable(line.slice(0, stream.columns - 1))}`);
    },
    clear: () => stream.write('\r\u001b[K'),
  };
}
