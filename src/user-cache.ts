// Where the program keeps what it can work out, or fetch, again: kn-edit in the user's cache.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path in it, whether it is there or not; undefined where the user has no home. */
export function userCache(name: string): string | undefined {
  try {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kn-edit', name);
  } catch {
    return undefined;
  }
}
