// Files from outside: whether there is one, and what it holds. Only regular files are opened (a FIFO or a device could
// keep the program waiting, or never end), and none is read beyond what a file of its kind may hold.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError, KnEditError, systemReason } from './errors.js';
import { temporaryName } from './unfinished.js';

/**
 * Whether there is something at a path. Only "no such file" means that there is nothing.
 * @throws InputError when that cannot be told, as in a directory that may not be entered
 */
export function isPresent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw new InputError(`${path}: cannot be reached: ${systemReason(error)}`);
  }
}

/**
 * Makes a directory and those above it, as far as they are not there. Node's own recursive mkdir never returns on a file
 * system that answers "no such file" to it, as /proc does.
 * @param mode who may enter those that are made, by default what the user's mask says
 * @throws the system's errors
 */
export function makeDirectories(path: string, mode?: number): void {
  if (isPresent(path)) return;
  const above = dirname(path);
  if (above !== path) makeDirectories(above, mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (!isPresent(path)) throw error; // another program may have been faster
  }
}

/**
 * Opens a regular file for reading. The descriptor is the caller's to close.
 * @returns also its size in bytes
 * @throws InputError when it is no regular file or cannot be opened
 */
export function openRegular(path: string): { fd: number; size: number } {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a FIFO opens at once, to be refused
    const status = fstatSync(fd); // of what was opened: the path may lead elsewhere by now
    if (status.isDirectory()) throw new InputError(`${path}: cannot be read: it is a directory`);
    if (!status.isFile()) throw new InputError(`${path}: cannot be read: it is not a regular file`);
    return { fd, size: status.size };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  }
}

/** How the text begins that Git LFS leaves in place of a file that it has not fetched. */
const POINTER = 'version https://git-lfs.github.com/spec/';

/**
 * @param start the first bytes of a file, 8 or more
 * @throws InputError when it is only Git LFS's pointer to the file
 */
export function refusePointer(path: string, start: Uint8Array): void {
  const head = Buffer.from(start.subarray(0, POINTER.length)).toString('latin1');
  if (head.length < 8 || !POINTER.startsWith(head)) return;
  throw new InputError(`${path}: is a Git LFS pointer in place of the file itself; run: git lfs pull`);
}

/**
 * The bytes of a regular file.
 * @param limit what a file of its kind may hold at most, in bytes
 * @throws InputError when it is larger, no regular file, or cannot be read
 */
export function readRegular(path: string, limit: number): Buffer {
  const { fd, size } = openRegular(path);
  try {
    if (size > limit) {
      throw new InputError(`${path}: has ${size} bytes; a file of its kind has at most ${limit}`);
    }
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const count = readSync(fd, bytes, filled, size - filled, filled);
      if (count === 0) break; // shortened meanwhile
      filled += count;
    }
    refusePointer(path, bytes.subarray(0, filled));
    return bytes.subarray(0, filled);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a file, whole or not at all, in place of an earlier one.
 * @param mode who may read it, by default what the user's mask says
 * @throws InputError when it cannot be written
 */
export function replaceFile(path: string, content: string | Uint8Array, mode?: number): void {
  replace(path, (fd) => writeFileSync(fd, content), mode);
}

/** Characters of lines that are written at once. */
const PORTION = 1 << 20;

/** The same, line by line, for files that no memory need hold. @throws InputError when it cannot be written */
export function replaceLines(path: string, lines: Iterable<string>): void {
  replace(path, (fd) => {
    let portion = '';
    for (const line of lines) {
      portion += `${line}\n`;
      if (portion.length < PORTION) continue;
      writeFileSync(fd, portion);
      portion = '';
    }
    writeFileSync(fd, portion);
  });
}

function replace(path: string, write: (fd: number) => void, mode?: number): void {
  const temporary = temporaryName(path);
  try {
    const fd = openSync(temporary, 'wx', mode);
    try {
      try {
        write(fd);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof KnEditError) throw error; // of where the content comes from
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}`);
  }
}
