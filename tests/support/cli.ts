// The built program as a child process, in a directory of its own, ended if it hangs.
import { execFile, spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { temporaryDirectory } from './temporary.js';

export const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
export const ROOT = new URL('../..', import.meta.url).pathname;

/** A command that has not ended by then hangs. */
const HANGS_MS = 110_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** On top of this process's environment, without what would change the program's behaviour. */
  env?: NodeJS.ProcessEnv | undefined;
  /** A new directory unless given, so that no run meets another one's ledger. */
  cwd?: string | undefined;
  /** Options of node itself. */
  node?: readonly string[] | undefined;
  /** What stands in standard input; nothing unless given. */
  input?: string | undefined;
  /** Another script of the program than the command line. */
  script?: string | undefined;
  /** Milliseconds after which it hangs. */
  limit?: number | undefined;
  /** As a user whom permissions bind (see `bound`). */
  bound?: boolean | undefined;
}

/** Of "nobody", who stands for whoever is not root. */
const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

/** Whether there is a user whom permissions bind and who can run the program: this one, or for root "nobody". */
export const bound =
  process.platform !== 'win32' &&
  (!isRoot || spawnSync(process.execPath, [MAIN, '--version'], { ...NOBODY, stdio: 'ignore' }).status === 0);

/** Runs `kn-edit ARGS` to its end; neither its input nor its output is a terminal. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { env, cwd = temporaryDirectory(), node = [], script = MAIN, input = '', limit = HANGS_MS } = options;
  const user = options.bound && isRoot ? NOBODY : {};
  const neutral = { KN_EDIT_DB: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined };
  const settings = {
    ...user,
    cwd,
    env: { ...process.env, ...neutral, ...env },
    timeout: limit,
    killSignal: 'SIGKILL', // a busy event loop does not hear the others
    maxBuffer: MAX_OUTPUT_BYTES,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...node, script, ...args],
      settings,
      (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(new Error(`kn-edit ${args.join(' ')} did not end by itself`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => undefined); // it may end before it has read
    child.stdin?.end(input);
  });
}

const TEMPORARY_NAME = /kn-edit-\w{6}/g;

/** What every failure looks like: an exit code, and one line on stderr that holds every part of `says`. */
export function expectFailure({ code, stdout, stderr }: Run, exitCode: number, says: readonly string[]) {
  expect({ code, stdout, stderr }).toEqual({
    code: exitCode,
    stdout: '',
    stderr: expect.stringMatching(/^kn-edit: [^\n]+\n$/),
  });
  for (const part of says) expect(stderr).toContain(part);
  const words = stderr.replaceAll(TEMPORARY_NAME, ''); // six letters by chance are no error code
  expect(words).not.toMatch(/\bundefined\b|\bNaN\b|\[object |Error:|\bE[A-Z]{4,}\b|SQLITE_|\bat file:/);
}
