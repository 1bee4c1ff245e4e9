// Reading the files that users write.
import { z } from 'zod';
import { type EditFile, editSchema, type Fact, factSchema } from './edit-file.js';
import { isJson, parseJson, validate } from './json.js';
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

/** An edit, and what messages call the file, or the line of a file, that it is from. */
export interface SourcedEdit {
  source: string;
  edit: EditFile;
}

/**
 * Reads a file of edits: one, or as JSON Lines several, one per line.
 * @throws InputError that names the file, the line, the field and the fix
 */
export function readEdits(path: string): SourcedEdit[] {
  return parseEdits(fileSource(path));
}

/**
 * The edits in a file that was opened. It is JSON Lines when its first line is JSON by itself, and not the only one.
 * @throws InputError that names the line, the field and the fix
 */
export function parseEdits({ name, text }: Source): SourcedEdit[] {
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, before: i }]));
  const [first, ...others] = lines;
  if (!first || others.length === 0 || !isJson(first.line)) {
    return [{ source: name, edit: parseEdit({ name, text }) }];
  }
  return lines.map(({ line, before }) => {
    const value = parseJson(name, '\n'.repeat(before) + line); // which tells the line of a mistake as the file counts
    const source = `${name}, line ${before + 1}`;
    return { source, edit: validate(source, value, editSchema) };
  });
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
