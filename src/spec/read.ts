// Reading the files that users write.
import { z } from 'zod';
import { type EditFile, editSchema, type Fact, factSchema } from './edit-file.js';
import { parseJson, validate } from './json.js';
import type { LocateOptions } from './settings.js';
import { fileSource, type Source } from './source.js';

/** Reads an edit file. @throws InputError that names the file, the field and the fix */
export function readEdit(path: string): EditFile {
  return parseEdit(fileSource(path));
}

/** The edit in a file that was opened. @throws InputError that names the field and the fix */
export function parseEdit({ name, text }: Source): EditFile {
  return validate(name, parseJson(name, text), editSchema);
}

/** A fact as a file gives it. */
export interface FactFile {
  fact: Fact;
  locate: LocateOptions;
  /** Whether the file is the fact alone. */
  alone: boolean;
}

/**
 * Reads a fact file: the fact alone, or an edit file, whose fact and settings are taken.
 * @throws InputError that names the file, the field and the fix
 */
export function readFact(path: string): FactFile {
  return parseFact(fileSource(path));
}

/** An edit has them, a fact does not: a misspelt `fact` must not make a fact of an edit. */
const OF_EDITS = ['fact', 'operation', 'probes'];
const fields = z.record(z.string(), z.unknown());

/** The fact in a file that was opened. @throws InputError that names the field and the fix */
export function parseFact({ name, text }: Source): FactFile {
  const value = parseJson(name, text);
  const found = fields.safeParse(value);
  if (found.success && OF_EDITS.some((field) => Object.hasOwn(found.data, field))) {
    const { fact, locate } = validate(name, value, editSchema);
    return { fact, locate: locate ?? {}, alone: false };
  }
  return { fact: validate(name, value, factSchema), locate: {}, alone: true };
}
