// How measurements with options take them, and fail: one line, and the exit codes of the program.
import { errorData, InputError } from '../errors.js';

/** A whole number from 1 to 999. @throws InputError that names the option */
export function whole(option: string, text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new InputError('must be a whole number from 1 to 999', `--${option}`);
  return Number(text);
}

/** Runs all of a script. @param name of the npm script */
export async function runScript(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, exitCode } = errorData(asUsage(error));
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = exitCode;
  }
}

/** What `parseArgs` complains of is bad usage. */
function asUsage(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof Error && code.startsWith('ERR_PARSE_ARGS') ? new InputError(error.message) : error;
}
