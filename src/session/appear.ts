// Several files that are written together, into a directory that is made for them or beside each other: none of them gets its
// name before all are whole.
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, InterruptedError, KnEditError, systemReason } from '../errors.js';
import { place } from '../lm/write.js';
import { temporaryName, unfinished } from '../unfinished.js';

/** A file on its way. */
export interface Output {
  name: string;
  /** Writes it at a path, where nothing is. */
  write(path: string): Promise<void>;
}

/**
 * Writes all files, one after the other; when that fails, nothing of them is left.
 * @param target the directory to make; with `beside`, a path in whose directory the files belong, where each gets its name
 *   by itself, in this order
 * @param onStart is told of each file before it is written
 * @throws InputError when they cannot be written, InterruptedError when the signal fires
 */
export async function appear(
  target: string,
  outputs: readonly Output[],
  {
    beside,
    signal,
    onStart,
  }: { beside: boolean; signal: AbortSignal | undefined; onStart: (done: number) => void },
): Promise<void> {
  const temporary = temporaryName(target);
  try {
    await mkdir(temporary); // not recursive: the place itself must exist
    const done = unfinished(temporary);
    try {
      for (const [i, { name, write }] of outputs.entries()) {
        onStart(i);
        await write(join(temporary, name));
      }
      if (beside) await moveAll(temporary, dirname(target), outputs);
      else await rename(temporary, target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
      done();
    }
    await sync(dirname(target));
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError();
    if (error instanceof KnEditError) throw error;
    throw new InputError(`${target}: cannot be written: ${systemReason(error)}; choose another place`);
  }
}

/** Gives each file its name, and replaces nothing by it; those that have theirs go again when one cannot. */
async function moveAll(from: string, to: string, outputs: readonly Output[]): Promise<void> {
  const moved: string[] = [];
  try {
    for (const { name } of outputs) {
      await place(join(from, name), join(to, name));
      moved.push(join(to, name));
    }
  } catch (error) {
    for (const path of moved) await rm(path, { force: true });
    throw error;
  }
}

/** Has the system write what it keeps of a file or directory. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
