// Runs one step of an installation. Its output goes to a log, in which the reason stands where it fails.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { InputError } from '../errors.js';

export interface CommandOptions {
  /** Working directory. */
  cwd: string;
  /** File that the output is appended to. */
  log: string;
  /** On top of this process's environment. */
  env?: NodeJS.ProcessEnv | undefined;
}

/** What has failed, and why. */
export class CommandError extends InputError {}

/**
 * Runs a command to its end.
 * @param failure what has failed when it fails; the reason follows
 * @throws CommandError when the command is not there, or does not end well
 */
export async function run(
  failure: string,
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<void> {
  const { cwd, log, env } = options;
  const output = openSync(log, 'a');
  const start = fstatSync(output).size;
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', output, output],
      });
      const fail = (why: string) => reject(new CommandError(`${failure}: ${why}`));
      child.once('error', () => fail(`${command} cannot be run; is it installed?`));
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else fail(`${reason(readFileSync(log).subarray(start).toString())} (see ${log})`);
      });
    });
  } finally {
    closeSync(output);
  }
}

/** The first line that speaks of an error, because others follow from it; or the last one. */
function reason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /error: /i.test(line)) ?? lines.findLast((line) => line !== '') ?? 'no output';
}
