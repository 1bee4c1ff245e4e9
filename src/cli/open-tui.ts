// Opens the terminal UI.
import { InputError } from '../errors.js';
import type { CommonArguments } from './options.js';
import { findProject, sessionOptions } from './project.js';

/** Runs the terminal UI, and ends the process with it. @throws InputError when there is no terminal to draw on or to read keys from */
export async function openTui(argv: CommonArguments): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new InputError(
      'the terminal UI needs a terminal; kn-edit --help lists the commands that do without',
    );
  }
  if (process.env.TERM === 'dumb') {
    throw new InputError(
      'the terminal UI needs a terminal that can move its cursor, and TERM is "dumb"; ' +
        'kn-edit --help lists the commands that do without',
    );
  }
  const options = sessionOptions(argv, await findProject());
  const { runTui } = await import('../tui/main.js');
  process.exit(await runTui(options)); // whatever may still be pending: who leaves has left
}
