// Saving what lies on the bench as an edit file, which `kn-edit apply` takes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';
import type { EditFile } from '../index.js';
import { fileNameOf } from './drafts.js';

/** Where edit files are looked for. */
const DIRECTORY = 'edits';

/** The path that is proposed for an edit. */
export function savingPath({ name }: EditFile): string {
  const file = `${fileNameOf(name)}.json`;
  return isPresent(DIRECTORY) ? join(DIRECTORY, file) : file;
}

/** @throws InputError when the edit is not whole, or the file is there already or cannot be written */
export async function saveEdit(path: string, edit: EditFile): Promise<void> {
  const { editSchema } = await import('../spec/edit-file.js');
  const { validate } = await import('../spec/json.js');
  const text = JSON.stringify(edit, undefined, 2); // without what is undefined
  validate('the edit', JSON.parse(text), editSchema);
  try {
    writeFileSync(path, `${text}\n`, { flag: 'wx' });
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another name`);
  }
}
