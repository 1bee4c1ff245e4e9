// Python wheels, by Python's own tools: pip fetches them, zipfile unpacks them. Nothing of them is run.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { type CommandOptions, run } from './command.js';

/** The Python that a wheel is for. No Python of it is run, so this need not be the user's. */
const WHEEL_PYTHON = '3.12';

/**
 * Fetches a wheel, without what it depends on.
 * @param requirement a line of a requirements file; pip refuses what has another hash than its `--hash`
 * @param directory where it goes; is made where it is not there
 * @param failure what has failed when it fails; the reason follows
 * @returns the wheel's path
 * @throws CommandError when it cannot be had
 */
export async function fetchWheel(
  requirement: string,
  directory: string,
  failure: string,
  options: CommandOptions,
): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const requirements = join(directory, 'requirements.txt');
  writeFileSync(requirements, requirement);
  const which = ['--only-binary=:all:', '--no-deps', '--python-version', WHEEL_PYTHON, '-r', requirements];
  await run(failure, 'python3', ['-m', 'pip', 'download', '--dest', directory, ...which], options);
  const wheel = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new InputError(`pip left no wheel in ${directory}`);
  return join(directory, wheel);
}

/** Unpacks a wheel into a directory. @throws CommandError when it cannot be read */
export async function unzipWheel(wheel: string, directory: string, options: CommandOptions): Promise<void> {
  const unzip = ['-m', 'zipfile', '--extract', wheel, directory];
  await run(`${wheel} could not be unpacked`, 'python3', unzip, options);
}
