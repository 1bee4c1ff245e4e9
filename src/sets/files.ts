// The files of a set: one, or those of a directory and below it.
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';

/** How deep data sets lie in their repositories (`data/LAMA/raw_data/TREx`). */
const DEEPEST = 4;
const MOST_FILES = 10_000;

export function isDirectory(path: string): boolean {
  return isPresent(path) && statSync(path).isDirectory();
}

/**
 * The JSON files of a directory and below it, in the order of their names, numbers in them as numbers.
 * @throws InputError when it cannot be read, or has none, or too many
 */
export function jsonFilesIn(directory: string): string[] {
  const found: string[] = [];
  const walk = (at: string, depth: number) => {
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && depth < DEEPEST && !entry.name.startsWith('.')) walk(path, depth + 1);
      else if (/^(?!\.).*\.jsonl?$/.test(entry.name)) found.push(path);
      if (found.length > MOST_FILES)
        throw new InputError(`${directory}: holds over ${MOST_FILES} files; name a part of it`);
    }
  };
  walk(directory, 0);
  if (found.length === 0) throw new InputError(`${directory}: holds no .json or .jsonl file`);
  const order = new Intl.Collator('en', { numeric: true });
  return found.sort((a, b) => order.compare(relative(directory, a), relative(directory, b)));
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw new InputError(`${directory}: cannot be read: ${systemReason(error)}`);
  }
}
