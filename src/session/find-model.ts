// Where the model lies that `--model` means. Loads nothing of the engine, so that the ledger can be read without it.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';
import { filesIn, findSnapshot, snapshotsNamed } from '../hub/cache.js';
import { cacheDirectory } from '../hub/environment.js';
import { parseRepository } from '../hub/repository.js';
import { lacking } from '../lm/files.js';
import { isGguf } from '../lm/one-file.js';
import { DEFAULT_MODEL } from '../spec/choices.js';

/** Where a model is. */
export interface ModelPlace {
  /** Of the embedded model, or on the hub; a directory and a file are called by their own names. */
  name: string | undefined;
  /** Or a GGUF file. */
  directory: string;
}

/**
 * The model that `--model` means: the embedded one by its name, else an existing directory or file, else a model of
 * the hub's cache.
 * @throws InputError when it is none of them, with how to get it
 */
export function findModel(model: string = DEFAULT_MODEL): ModelPlace {
  if (model === DEFAULT_MODEL) return embedded();
  const repository = parseRepository(model);
  if (isPresent(model) || !repository) return { name: undefined, directory: resolve(model) };
  const directory = findSnapshot(repository);
  const get = `run: kn-edit model pull ${model}`;
  if (!directory) {
    if (repository.file === undefined && isGguf(model))
      throw new InputError(`${model}: no such file; check --model`);
    const others = snapshotsNamed(repository.id).map(({ name }) => name);
    if (others.length > 0) {
      throw new InputError(`${model}: is in the cache as ${others.join(', ')}; name one of these, or ${get}`);
    }
    throw new InputError(
      `${model}: no such model directory, and not in the cache (${cacheDirectory()}); check --model, or ${get}`,
    );
  }
  const { id, file } = repository;
  const files = filesIn(directory);
  const missing = file === undefined ? lacking(files) : [file].find((name) => !files.includes(name));
  if (missing) throw new InputError(`${model}: is in the cache without its ${missing}; ${get}`);
  if (file === undefined) return { name: id, directory };
  return { name: `${id}/${file}`, directory: join(directory, file) };
}

/** The place of the embedded model. */
export function embedded(): ModelPlace {
  return {
    name: DEFAULT_MODEL,
    directory: fileURLToPath(new URL(`../../fixtures/${DEFAULT_MODEL}`, import.meta.url)),
  };
}
