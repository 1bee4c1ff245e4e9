// libtensorflow out of a Python wheel: the same C API as the official archive, of a current version.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { CommandError, type CommandOptions, run } from './command.js';

/** The version that the addon was built against and tested with. */
const WHEEL = 'tensorflow-cpu==2.21.0';

/** The Python of the wheel. Nothing in it is ever run, so any will do: this one need not be the user's. */
const WHEEL_PYTHON = '3.12';

/** As the wheel names them. */
const LIBRARIES = {
  tensorflow: 'libtensorflow_cc.so.2',
  tensorflow_framework: 'libtensorflow_framework.so.2',
};

/** Headers that the addon's own include; the wheel has 13,000 more. */
const HEADERS = ['tensorflow', 'tsl', 'xla'];

/**
 * Fetches the wheel into a directory.
 * @returns its path
 * @throws InputError when that is not possible
 */
export async function fetchWheel(directory: string, options: CommandOptions): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  try {
    await run('python3', [...pip, '--python-version', WHEEL_PYTHON, '--dest', directory, WHEEL], options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new InputError(
      `python3 -m pip could not fetch ${WHEEL}: ${error.message}; or pass --libtensorflow WHEEL`,
    );
  }
  const wheel = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new InputError(`pip left no wheel in ${directory}`);
  return join(directory, wheel);
}

/**
 * Puts the libraries and headers of a wheel where tfjs-node looks for those of the official archive.
 * @param target the package's `deps` directory, made anew
 * @throws InputError when the wheel cannot be read or lacks one of them
 */
export async function unpackWheel(wheel: string, target: string, options: CommandOptions): Promise<void> {
  if (!existsSync(wheel)) throw new InputError(`${wheel}: no such file`, '--libtensorflow');
  const unpacked = join(options.cwd, 'wheel');
  await run('python3', ['-m', 'zipfile', '--extract', wheel, unpacked], options).catch((error: unknown) => {
    throw error instanceof CommandError ? new InputError(`${wheel}: ${error.message}`) : error;
  });
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'lib'), { recursive: true });
  mkdirSync(join(target, 'include'));
  for (const [name, file] of Object.entries(LIBRARIES)) {
    const from = join(unpacked, 'tensorflow', file);
    if (!existsSync(from)) {
      throw new InputError(
        `${wheel}: holds no ${file}; a wheel of tensorflow-cpu or tensorflow for Linux does`,
      );
    }
    renameSync(from, join(target, 'lib', file));
    symlinkSync(file, join(target, 'lib', `lib${name}.so`)); // what the linker asks for
  }
  for (const name of HEADERS) {
    const from = join(unpacked, 'tensorflow/include', name);
    if (existsSync(from)) renameSync(from, join(target, 'include', name));
  }
  rmSync(unpacked, { recursive: true });
}
