// Starts the terminal UI, and ends it: the session is closed and the terminal given back, whatever happens.
import { errorData } from '../errors.js';
import type { Session, SessionOptions } from '../index.js';
import { styleFor } from '../report/style.js';
import { App } from './app.js';
import { Guard } from './components/guard.js';
import { render } from './ink.js';
import { takeScreen, wipe } from './terminal.js';

const INTERRUPTED = 130;

/**
 * Runs the terminal UI to its end.
 * @returns the exit code: 0, or 130 when work was interrupted by leaving
 */
export async function runTui(options: SessionOptions): Promise<number> {
  const { stdin, stdout } = process;
  const leaveScreen = takeScreen(stdout);
  let session: Session | undefined;
  let code = 0;
  const open = async (model?: string) => {
    const { Session: Opened } = await import('../session/session.js');
    await session?.close();
    session = new Opened(model === undefined ? options : { ...options, model });
    return session;
  };
  const leave = (interrupted: boolean) => {
    code = interrupted ? INTERRUPTED : 0;
    instance.unmount();
  };
  const ledgerOf = (opened: Session | undefined) =>
    options.base ? 'no ledger' : (opened?.db ?? options.db ?? process.env.KN_EDIT_DB ?? '');
  // Before ink's own: it believes that its last frame is still there.
  const resized = () => wipe(stdout);
  stdout.on('resize', resized);
  const crashed = (error: unknown) => {
    leaveScreen();
    process.stderr.write(`kn-edit: ${errorData(error).message}\n`);
    process.exit(1);
  };
  const instance = render(
    <Guard onCrash={crashed}>
      <App style={styleFor(stdout)} ledgerOf={ledgerOf} open={open} leave={leave} />
    </Guard>,
    { stdin, stdout, exitOnCtrlC: false, patchConsole: false },
  );
  const ended = () => leave(true);
  process.once('uncaughtException', crashed).once('unhandledRejection', crashed);
  process.once('SIGTERM', ended).once('SIGHUP', ended).once('SIGINT', ended);
  try {
    await instance.waitUntilExit();
    await session?.close();
  } finally {
    leaveScreen();
    stdout.off('resize', resized);
  }
  return code;
}
