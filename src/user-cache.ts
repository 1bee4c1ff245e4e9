// Where the program keeps what it can work out, or fetch, again: kn-edit in the user's cache.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { z } from 'zod';
import { makeDirectories, readRegular, replaceFile } from './files.js';

/** What is kept as JSON is small: numbers, names and hashes. */
const MAX_BYTES = 100_000;

/** A path in it, whether it is there or not; undefined where the user has no home. */
export function userCache(name: string): string | undefined {
  return userPath(process.env.XDG_CACHE_HOME, '.cache', name);
}

/**
 * A path among the program's files in one of the user's directories (XDG Base Directory); undefined where there is no home.
 * @param directory what the environment names, @param usual the directory in the home otherwise
 */
export function userPath(directory: string | undefined, usual: string, name: string): string | undefined {
  try {
    const place = directory || join(homedir(), usual);
    return isAbsolute(place) ? join(place, 'kn-edit', name) : undefined; // HOME may be empty
  } catch {
    return undefined;
  }
}

/** What a file in it holds; undefined where it is not there, or damaged. */
export function readCached<T>(path: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (path === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(readRegular(path, MAX_BYTES).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Keeps something for the next time, where that can be. */
export function writeCached(path: string | undefined, value: unknown): void {
  if (path === undefined) return;
  try {
    makeDirectories(dirname(path), 0o700);
    replaceFile(path, JSON.stringify(value));
  } catch {
    // then it is worked out again
  }
}
