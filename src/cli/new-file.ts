// Files that commands write for people to go on with: never over what is there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { isPresent, makeDirectories } from '../files.js';

/** @throws InputError when something is there already: to name another `option`. Asked before long work, too. */
export function expectNew(path: string, option = '--out'): void {
  if (!isPresent(path)) return;
  throw new InputError(`${path}: cannot be written: it exists already; choose another ${option}`);
}

/** Writes text or bytes to a new file. @throws InputError when it is there already, or cannot be written */
export function writeNew(path: string, content: string | Uint8Array, option = '--out'): void {
  expectNew(path, option);
  tried(path, option, () => writeFileSync(path, content, { flag: 'wx' }));
}

/** The same, in directories that are made as far as they are not there. */
export function writeNewBelow(path: string, content: string | Uint8Array, option = '--out'): void {
  tried(path, option, () => makeDirectories(dirname(path)));
  writeNew(path, content, option);
}

/** A value as JSON, in a new file. */
export function writeNewJson(path: string, value: unknown, option = '--out'): void {
  writeNew(path, `${JSON.stringify(value, null, 2)}\n`, option);
}

/** Makes a new directory. @throws InputError when it is there already, or cannot be made */
export function makeNew(path: string, option = '--out'): void {
  expectNew(path, option);
  tried(path, option, () => mkdirSync(path));
}

function tried(path: string, option: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another ${option}`);
  }
}
