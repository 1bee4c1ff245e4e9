// Which files of a repository a model is made of. Weights are taken as safetensors or GGUF alone: a pickle can run code.
import { InputError } from '../errors.js';
import { conversion, OTHER_WEIGHTS } from '../lm/conversion.js';
import { CONFIG, lacking, OPTIONAL, TOKENIZER, WEIGHTS, WEIGHTS_INDEX } from '../lm/files.js';
import { isGguf } from '../lm/one-file.js';
import { MAX_JSON_BYTES } from '../spec/json.js';

/** A file of a repository, as the hub lists it. */
export interface HubFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Name of its blob in the cache: the SHA-256 of large files, git's own SHA-1 of small ones. */
  etag: string;
}

/** What the hub says of a model at one of its commits. */
export interface ModelListing {
  id: string;
  commit: string;
  /** `fill-mask`, `text-generation`, and so on. */
  task?: string | undefined;
  files: HubFile[];
}

/**
 * Configuration, tokenizer and, for weights in shards, their index.
 * @throws InputError when the repository is not a model that can be loaded, with what to do about it
 */
export function smallFiles(listing: ModelListing): HubFile[] {
  const { id, files } = listing;
  const names = files.map(({ path }) => path);
  const missing = lacking(names);
  if (missing) throw new InputError(`${id}: ${explain(listing, missing, names)}`);
  const index = names.includes(WEIGHTS) ? [] : [WEIGHTS_INDEX];
  return files
    .filter(({ path }) => [CONFIG, TOKENIZER, ...OPTIONAL, ...index].includes(path))
    .map((file) => {
      if (file.size <= MAX_JSON_BYTES) return file;
      throw new InputError(`${id}: ${file.path} has ${file.size} bytes, too many for such a file`);
    });
}

/** The files with the weights. @throws InputError when the repository does not have one of these names */
export function weightFiles({ id, files }: ModelListing, names: readonly string[]): HubFile[] {
  return names.map((name) => {
    const file = files.find(({ path }) => path === name);
    if (file) return file;
    throw new InputError(`${id}: ${WEIGHTS_INDEX} names "${name}", which the repository does not have`);
  });
}

/** A GGUF file. @throws InputError when the repository does not have it; those that it has are listed */
export function ggufFile({ id, files }: ModelListing, name: string): HubFile {
  const file = files.find(({ path }) => path === name);
  if (file) return file;
  const others = ggufsOf(files);
  const has = others.length > 0 ? `it has ${others.join(', ')}` : 'it has no GGUF files at its top';
  throw new InputError(`${id}: has no file "${name}"; ${has}`);
}

/** Names of GGUF files, with their sizes. */
function ggufsOf(files: readonly HubFile[]): string[] {
  return files
    .filter(({ path }) => isGguf(path))
    .map(({ path, size }) => `${path} (${Math.ceil(size / 1e6)} MB)`);
}

function explain({ id, task, files }: ModelListing, missing: string, names: readonly string[]): string {
  const ggufs = ggufsOf(files);
  if (missing === CONFIG && ggufs.length > 0) {
    return `the repository holds GGUF files; name one, as ${id}/FILE.gguf: ${ggufs.join(', ')}`;
  }
  if (missing === CONFIG) return `the repository has no ${CONFIG}; it is not a transformers model`;
  const folder = id.split('/').at(-1) ?? id;
  const convert = `${conversion(id, folder, task === 'text-generation')}, then --model ./${folder}`;
  if (missing === TOKENIZER) return `the repository has no ${TOKENIZER}; make one: ${convert}`;
  const other = names.find((name) => OTHER_WEIGHTS.test(name));
  if (!other) return `the repository has no ${WEIGHTS}`;
  return (
    `the repository has its weights only as ${other}, a format that is never loaded because it can run code; ` +
    `convert them: ${convert}`
  );
}
