// The built program as a child process.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';

export const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
export const ROOT = new URL('../..', import.meta.url).pathname;

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `kn-edit ARGS` to its end. */
export function runCli(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Run> {
  return new Promise((resolve) => {
    const env = { ...process.env, KN_EDIT_DB: undefined, ...options.env };
    // Not in the checkout: its own ledger, if there is one, is nobody's business here.
    const limits = { timeout: 110_000, killSignal: 'SIGKILL' as const, maxBuffer: 1 << 26 };
    const settings = { cwd: options.cwd ?? tmpdir(), env, ...limits };
    execFile(process.execPath, [MAIN, ...args], settings, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}
