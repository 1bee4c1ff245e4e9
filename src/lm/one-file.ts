// A model is a directory, or one GGUF file: which it is, what it is called, and where files lie that belong to it.
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';

/**
 * Whether a model is one file, which is a GGUF file then.
 * @throws InputError when there is no such model
 */
export function isOneFile(model: string): boolean {
  if (isPresent(model)) return !statSync(model).isDirectory();
  throw new InputError(`${model}: no such ${isGguf(model) ? 'file' : 'model directory'}; check --model`);
}

/** Whether a path is that of a GGUF file by its name. */
export function isGguf(path: string): boolean {
  return extname(path).toLowerCase() === '.gguf';
}

/** What a model is called that has no other name: as its directory, or as its file without `.gguf`. */
export function nameOf(model: string): string {
  return basename(model, isGguf(model) ? extname(model) : '');
}

/**
 * The place of a file that belongs to a model: in its directory, or beside `NAME.gguf` as `NAME.FILE`; where a link has
 * nothing beside it, beside the file that it leads to.
 */
export function companion(model: string, file: string): string {
  if (!isOneFile(model)) return join(model, file);
  const beside = companionOf(model, file);
  const there = companionOf(realpathSync(model), file);
  return !isPresent(beside) && isPresent(there) ? there : beside;
}

/** The same of a GGUF file, whether it is there or not. */
export function companionOf(gguf: string, file: string): string {
  return join(dirname(gguf), `${nameOf(gguf)}.${file}`);
}
