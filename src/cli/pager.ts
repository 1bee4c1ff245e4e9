// A pager for what is longer than the terminal: the user's own, or less where it is.
import { spawn, spawnSync } from 'node:child_process';

/** What git gives to less, too: ends at once with what fits, takes colours, leaves the text on the screen. */
const LESS = 'FRX';

/** The command that pages a text on stdout; none for files and pipes, for what fits, or where nobody wants one. */
export function pagerFor(text: string, stream: NodeJS.WriteStream): string | undefined {
  const { PAGER, NO_PAGER, TERM } = process.env;
  const fits = text.split('\n').length < stream.rows;
  if (!stream.isTTY || !process.stdin.isTTY || NO_PAGER || TERM === 'dumb' || fits) return undefined;
  const pager = PAGER ?? (spawnSync('less', ['--version'], { stdio: 'ignore' }).status === 0 ? 'less' : '');
  return pager.trim() === '' || pager === 'cat' ? undefined : pager;
}

/** Shows a text in a pager, until that is left. @returns false where it could not be started */
export function pageThrough(pager: string, text: string): Promise<boolean> {
  const ignore = () => {}; // ctrl+c is the pager's
  process.on('SIGINT', ignore);
  const env = { LESS, ...process.env };
  const child = spawn(pager, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env });
  child.stdin.on('error', ignore); // it was left before it had read everything
  child.stdin.end(text);
  return new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code !== NOT_FOUND));
  }).finally(() => process.off('SIGINT', ignore));
}

/** How a shell says that there is no such command. */
const NOT_FOUND = 127;
