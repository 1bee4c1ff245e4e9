// What the models at hand are called: the embedded one, and those of the hub's cache. None is looked into.
import { join } from 'node:path';
import { type CachedSnapshot, cachedSnapshots, filesIn } from '../hub/cache.js';
import { CONFIG } from '../lm/files.js';
import { isGguf } from '../lm/one-file.js';
import { DEFAULT_MODEL } from '../spec/choices.js';
import { embedded } from './find-model.js';

export interface NamedModel {
  /** What `--model` takes. */
  name: string;
  source: 'embedded' | 'cache';
  /** Or its GGUF file. */
  directory: string;
  /** Of the hub's models. */
  commit?: string | undefined;
}

/** The embedded model and all models of the hub's cache, whether they can be loaded or not. */
export function modelNames(): NamedModel[] {
  const { name = DEFAULT_MODEL, directory } = embedded();
  const cached = cachedSnapshots().flatMap(modelsIn);
  return [
    { name, source: 'embedded', directory },
    ...cached.map((one): NamedModel => ({ ...one, source: 'cache' })),
  ];
}

/** The models of a snapshot: each GGUF file is one; all else together, unless there is nothing else. */
function modelsIn({ name, commit, directory }: CachedSnapshot): CachedSnapshot[] {
  const files = filesIn(directory);
  const ggufs = files.filter(isGguf);
  const whole = ggufs.length === 0 || files.includes(CONFIG) ? [{ name, commit, directory }] : [];
  return [
    ...whole,
    ...ggufs.map((file) => ({ name: `${name}/${file}`, commit, directory: join(directory, file) })),
  ];
}
