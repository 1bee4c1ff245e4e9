// The edit files that are at hand: those of ./edits, or the examples that ship with the program.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = 'edits';
const EXAMPLES = fileURLToPath(new URL('../../edits', import.meta.url));

/** Paths of the edit files, in order of their names; relative to the working directory where they lie below it. */
export function editFiles(): string[] {
  const directory = existsSync(OWN) ? OWN : EXAMPLES;
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return []; // not a directory that can be read: nothing is offered
  }
}
