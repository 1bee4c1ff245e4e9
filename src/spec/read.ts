// Reading the files that users write.
import { z } from 'zod';
import { type EditFile, editSchema, type Fact, factSchema } from './edit-file.js';
import { parseJson, readJson, readText, validate } from './json.js';
import type { LocateOptions } from './settings.js';

/** Reads an edit file. @throws InputError that names the file, the field and the fix */
export function readEdit(path: string): EditFile {
  return readJson(path, editSchema);
}

const hasFact = z.looseObject({ fact: z.unknown() });

/**
 * Reads a fact file: the fact alone, or an edit file, whose fact and settings are taken.
 * @returns also whether the file is the fact alone
 * @throws InputError that names the file, the field and the fix
 */
export function readFact(path: string): { fact: Fact; locate: LocateOptions; alone: boolean } {
  const value = parseJson(path, readText(path));
  if (hasFact.safeParse(value).success) {
    const { fact, locate } = validate(path, value, editSchema);
    return { fact, locate: locate ?? {}, alone: false };
  }
  return { fact: validate(path, value, factSchema), locate: {}, alone: true };
}
