// How a script of package.json runs that is no command of the program, and how it fails.
import { errorData, InputError } from './errors.js';

/** Runs all of it; what goes wrong is one line, and one of the program's exit codes. @param name after `npm run` */
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
