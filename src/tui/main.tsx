// Starts the terminal UI, and ends it: the session is closed, the terminal given back and unfinished work kept, whatever
// happens.
import { setTimeout } from 'node:timers/promises';
import { errorData } from '../errors.js';
import type { Session, SessionOptions } from '../index.js';
import { showsUnicode } from '../report/ascii.js';
import { plural } from '../report/numbers.js';
import { oneLine, styleFor } from '../report/style.js';
import { DEFAULT_MODEL } from '../spec/choices.js';
import { App } from './app.js';
import type { Draft } from './bench.js';
import { Guard } from './components/guard.js';
import { keepDraft } from './drafts.js';
import { render } from './ink.js';
import { readUserSettings } from './settings-file.js';
import { drawnTerminal, takeScreen, wipe } from './terminal.js';

const INTERRUPTED = 130;
/** Longer than a frame takes to be drawn. */
const REDRAW_MS = 60;

/**
 * Runs the terminal UI to its end.
 * @returns the exit code: 0, or 130 when work was interrupted by leaving
 */
export async function runTui(options: SessionOptions): Promise<number> {
  const { stdin, stdout } = process;
  const screen = takeScreen(stdout);
  const drafts: { current: readonly Draft[] } = { current: [] };
  const frame = { current: '' };
  const named = options.db ?? (process.env.KN_EDIT_DB || undefined);
  delete process.env.KN_EDIT_DB;
  const settings = readUserSettings();
  // A ledger that is named belongs to the model that is named, or to the usual one.
  const last = options.model === undefined && named === undefined ? settings.model : undefined;
  let session: Session | undefined;
  let code = 0;
  const open = async (model?: string) => {
    const { Session: Opened } = await import('../session/session.js');
    await session?.close();
    // A ledger belongs to one model: the one that was named to the first; the others have their own.
    const first = model === undefined || model === (options.model ?? DEFAULT_MODEL);
    session = new Opened(first ? { ...options, db: named } : { ...options, model, db: undefined });
    return session;
  };
  let left = false;
  const leave = (interrupted: boolean) => {
    left = true;
    code = interrupted ? INTERRUPTED : 0;
    instance.unmount();
  };
  const ledgerOf = (opened: Session | undefined) =>
    options.base ? 'no ledger' : (opened?.db ?? named ?? '');

  const app = (suspended: boolean) => (
    <Guard onCrash={(error) => setImmediate(crashed, error)}>
      <App
        styleOf={(theme) => styleFor(stdout, theme)}
        theme={settings.theme}
        lastModel={last}
        ledgerOf={ledgerOf}
        open={open}
        leave={leave}
        suspend={suspend}
        suspended={suspended}
        drafts={drafts}
        frame={frame}
      />
    </Guard>
  );
  /** Draws nothing for a moment, so that the frame after that is drawn whole, on a screen that is taken anew. */
  let redrawing = false;
  const redraw = async (between = () => {}) => {
    if (redrawing || left) return; // a terminal that closes wakes its programs, too
    redrawing = true;
    instance.rerender(app(true));
    await setTimeout(REDRAW_MS);
    if (!left) between();
    await setTimeout(REDRAW_MS); // a process that is suspended stands here
    if (left) return;
    screen.take();
    stdin.setRawMode(true);
    instance.rerender(app(false));
    redrawing = false;
  };
  /** Gives the terminal back to the shell until it is wanted again (Ctrl-Z, fg). */
  const suspend = () => {
    if (process.platform === 'win32') return;
    void redraw(() => {
      screen.leave();
      stdin.setRawMode(false);
      process.kill(0, 'SIGTSTP'); // all that the shell started together, as the terminal would
    });
  };
  /** Nothing is drawn after what is said here. */
  function crashed(error: unknown) {
    instance.unmount();
    screen.leave();
    say(errorData(error).message);
    keep();
    process.exit(1);
  }
  const keep = () => {
    try {
      const files = drafts.current.map(keepDraft);
      if (files.length > 0) say(`${plural(files.length, 'draft')} kept: ${files.join(', ')}`);
    } catch (error) {
      say(errorData(error).message);
    }
  };

  // Before ink's own: it believes that its last frame is still there.
  const resized = () => wipe(stdout);
  stdout.on('resize', resized);
  const instance = render(app(false), {
    stdin,
    stdout: drawnTerminal(stdout, showsUnicode(process.env), (text) => {
      frame.current = text;
    }),
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const ended = () => leave(true);
  let gone = false;
  const hungUp = () => {
    gone = true;
    leave(true);
  };
  process.once('uncaughtException', crashed).once('unhandledRejection', crashed);
  process.on('SIGCONT', () => void redraw()); // whoever stopped it may have used the screen
  process.once('SIGTERM', ended).once('SIGINT', ended);
  process.on('SIGHUP', hungUp); // a terminal that closes may say so twice
  stdout.on('error', hungUp);
  stdin.on('error', hungUp).once('end', hungUp);
  try {
    await instance.waitUntilExit();
    await session?.close();
  } finally {
    screen.leave();
    stdout.off('resize', resized);
  }
  keep();
  if (gone) await endWithTerminal();
  return code;
}

/** Node aborts when it exits and finds its terminal gone: the signal that says so is the way out. */
async function endWithTerminal(): Promise<void> {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
  await setTimeout(1000);
}

function say(message: string): void {
  process.stderr.write(`kn-edit: ${oneLine(message)}\n`);
}
