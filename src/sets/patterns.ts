// The patterns of relations in ParaRel's files: wordings with [X] for the subject and [Y] for the object.
import { InputError } from '../errors.js';
import { patterns } from './formats/parts.js';
import { recognise } from './recognise.js';

/** Reads the patterns of a relation. @throws InputError that names the file, the line and the field */
export function readPatterns(path: string): string[] {
  const { format, entries } = recognise(path);
  if (format !== patterns) throw new InputError(`${path}: holds no ${patterns.title}, but ${format.title}`);
  return Array.from(entries.all(), (entry) => patterns.part(entry, path).pattern);
}
