// How every command runs: opens a session, shows progress, prints text or one JSON document, sets the exit code.
import type { Page } from '../report/page.js';
import { stageText } from '../report/progress.js';
import type { Control, Progress } from '../session/context.js';
import type { Session } from '../session/session.js';
import type { CommonArguments } from './options.js';

/** What a command has to say. */
export interface Output {
  /** The document that `--json` prints. */
  json: unknown;
  text: (page: Page) => string;
  exitCode?: number | undefined;
}

/** Runs a command's work in a session. Ctrl-C stops it; nothing is half done afterwards. */
export async function runCommand(
  argv: CommonArguments,
  work: (session: Session, control: Control) => Promise<Output> | Output,
): Promise<void> {
  const [{ Session }, { pageFor }] = await Promise.all([
    import('../session/session.js'),
    import('../report/page.js'),
  ]);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const progress = argv.json ? undefined : progressLine(process.stderr);
  const session = new Session(argv);
  try {
    const output = await work(session, { signal: abort.signal, onProgress: progress?.show });
    progress?.clear();
    const text = argv.json ? JSON.stringify(output.json) : output.text(pageFor(process.stdout));
    process.stdout.write(`${text}\n`);
    process.exitCode = output.exitCode ?? 0;
  } finally {
    progress?.clear();
    await session.close();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

const CELLS = 24;

/** A progress line that is rewritten in place, on a terminal; nothing anywhere else. */
function progressLine(stream: NodeJS.WriteStream) {
  if (!stream.isTTY) return undefined;
  let last = 0;
  return {
    show: ({ stage, done, total }: Progress) => {
      const now = performance.now();
      if (done > 0 && done < total && now - last < 50) return;
      last = now;
      const filled = Math.round((done / Math.max(1, total)) * CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
      const line = `${bar} ${done}/${total} ${stageText(stage)}`;
      stream.write(`\r\u001b[K${line.slice(0, stream.columns - 1)}`);
    },
    clear: () => stream.write('\r\u001b[K'),
  };
}
