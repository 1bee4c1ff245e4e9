// libtensorflow out of a Python wheel: the same C API as the official archive's, of a current version.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import type { CommandOptions } from '../../pip/command.js';
import { fetchWheel, unzipWheel } from '../../pip/wheel.js';

/** The version that the addon was built against and tested with. */
const WHEEL = 'tensorflow-cpu==2.21.0';

/** What the linker asks for, and what the wheel calls it. */
const LIBRARIES = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/** Where the headers are that the addon's sources reach; the wheel has many more. */
const HEADERS = ['tensorflow', 'tsl', 'xla'];

/**
 * Fetches the wheel.
 * @returns its path
 * @throws CommandError when it cannot be had
 */
export function fetchLibrary(directory: string, options: CommandOptions): Promise<string> {
  const failure = `pip could not fetch ${WHEEL} (--libtensorflow WHEEL takes one that you have)`;
  return fetchWheel(WHEEL, directory, failure, options);
}

/**
 * Puts the libraries and headers of a wheel where tfjs-node looks for those of the official archive.
 * @param target the package's `deps` directory, which is made anew
 * @throws CommandError when the wheel cannot be read; InputError when it lacks a library
 */
export async function unpackWheel(wheel: string, target: string, options: CommandOptions): Promise<void> {
  const unpacked = join(options.cwd, 'unpacked');
  const content = join(unpacked, 'tensorflow');
  await unzipWheel(wheel, unpacked, options);
  rmSync(target, { recursive: true, force: true });
  for (const part of ['lib', 'include']) mkdirSync(join(target, part), { recursive: true });
  for (const [name, file] of Object.entries(LIBRARIES)) {
    if (!existsSync(join(content, file))) {
      throw new InputError(
        `${wheel}: holds no ${file}; pass a wheel of tensorflow-cpu or tensorflow for Linux`,
      );
    }
    renameSync(join(content, file), join(target, 'lib', file));
    symlinkSync(file, join(target, 'lib', name));
  }
  for (const name of HEADERS) {
    const headers = join(content, 'include', name);
    if (existsSync(headers)) renameSync(headers, join(target, 'include', name));
  }
  rmSync(unpacked, { recursive: true });
}
