// The edit files that are at hand: those of ./edits, or the examples that ship with the program.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPresent } from '../files.js';

const OWN = 'edits';
const EXAMPLES = fileURLToPath(new URL('../../edits', import.meta.url));

/** Paths of the edit files, in order of their names; relative to the working directory where they lie below it. */
export function editFiles(): string[] {
  try {
    const directory = isPresent(OWN) ? OWN : EXAMPLES;
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return []; // not a directory, or none that can be read: nothing is offered
  }
}
