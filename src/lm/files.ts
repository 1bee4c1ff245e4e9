// The files that a checkpoint is made of: a directory's by their names, the weights among them one file or shards with
// their index; or one GGUF file, which holds everything. Light: knows no tensors.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';
import { largest } from '../numbers.js';
import { readJson } from '../spec/json.js';
import { conversion, OTHER_WEIGHTS } from './conversion.js';
import { GgufFile } from './gguf/file.js';
import { isGguf, isOneFile } from './one-file.js';
import { SafetensorsFile } from './safetensors.js';
import type { WeightFile } from './weight-file.js';

export const CONFIG = 'config.json';
export const GENERATION = 'generation_config.json';
export const TOKENIZER = 'tokenizer.json';
export const TOKENIZER_CONFIG = 'tokenizer_config.json';
export const WEIGHTS = 'model.safetensors';
/** Of weights in shards: which tensor lies in which file. */
export const WEIGHTS_INDEX = 'model.safetensors.index.json';

/** What tokenizers were kept in before there was tokenizer.json; other tools still ask for it. */
const OLDER_TOKENIZERS = [
  'tokenizer.model',
  'spm.model',
  'spiece.model',
  'sentencepiece.bpe.model',
  'vocab.json',
  'vocab.txt',
];

/** Files beside them that belong to a model, where it has them. */
export const OPTIONAL = [
  GENERATION,
  TOKENIZER_CONFIG,
  'special_tokens_map.json',
  'added_tokens.json',
  ...OLDER_TOKENIZERS,
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
  'processor_config.json', // of models that see images, too
  'preprocessor_config.json',
];

/** The first file that a directory with these names lacks to be a model; undefined when it is complete. */
export function lacking(names: readonly string[]): string | undefined {
  for (const name of [CONFIG, TOKENIZER]) if (!names.includes(name)) return name;
  return names.includes(WEIGHTS) || names.includes(WEIGHTS_INDEX) ? undefined : WEIGHTS;
}

/** Path of a file that every checkpoint has. @throws InputError when this one has not */
export function fileOf(directory: string, name: string): string {
  const path = join(directory, name);
  if (isPresent(path)) return path;
  throw new InputError(`${directory}: has no ${name}; ${remedyFor(directory, name)}`);
}

/** What to do about a file that a directory lacks. */
function remedyFor(directory: string, missing: string): string {
  const names = readdirSync(directory).sort();
  const gguf = missing === CONFIG && names.find(isGguf);
  if (gguf) return `a GGUF file is a model by itself: ${join(directory, gguf)}`;
  const older = missing === TOKENIZER && OLDER_TOKENIZERS.find((one) => names.includes(one));
  if (older) {
    return (
      `${older} alone is not read; make one: python -c "from transformers import AutoTokenizer; ` +
      `AutoTokenizer.from_pretrained('${directory}').save_pretrained('${directory}')"`
    );
  }
  const other = missing === WEIGHTS && names.find((one) => OTHER_WEIGHTS.test(one));
  if (other) {
    const { architectures } = readJson(join(directory, CONFIG), kind);
    const causal = architectures.some((one) => /CausalLM|LMHead/.test(one));
    return `${other} is never loaded because it can run code; convert it: ${conversion(directory, directory, causal)}`;
  }
  return 'a model directory needs one';
}

const kind = z.looseObject({ architectures: z.array(z.string()).catch([]) });

/** The files that make a model what it is, in the order in which they are hashed. */
export interface ModelFiles {
  /** Small files before the weights. */
  small: string[];
  weights: string[];
  /** A small one behind them. */
  last: string | undefined;
}

/** @throws InputError when there is no such model, or a file of it is missing */
export function modelFiles(model: string): ModelFiles {
  if (isOneFile(model)) return { small: [], weights: [model], last: undefined };
  const { index, names } = weightFiles(model);
  const small = [CONFIG, TOKENIZER].map((name) => fileOf(model, name));
  return {
    small: index ? [...small, index] : small,
    weights: names.map((name) => fileOf(model, name)),
    last: fileOf(model, TOKENIZER_CONFIG),
  };
}

/** Open files. Close each when done. */
export interface WeightFiles {
  /** The index of a checkpoint in shards. */
  index: string | undefined;
  shards: WeightFile[];
}

/** The index of a checkpoint in shards, and the names of the files that hold its weights. */
function weightFiles(directory: string): { index: string | undefined; names: string[] } {
  const sharded = !isPresent(join(directory, WEIGHTS)) && isPresent(join(directory, WEIGHTS_INDEX));
  const index = sharded ? join(directory, WEIGHTS_INDEX) : undefined;
  return { index, names: index ? shardNames(index) : [WEIGHTS] };
}

/** @param model a directory, or a GGUF file. @throws InputError when a file is missing or damaged */
export function openWeights(model: string): WeightFiles {
  if (isOneFile(model)) return { index: undefined, shards: [GgufFile.open(model)] };
  const { index, names } = weightFiles(model);
  const shards: SafetensorsFile[] = [];
  try {
    for (const name of names) shards.push(SafetensorsFile.open(fileOf(model, name)));
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
  return { index, shards };
}

/** Types of masks and counters, which are no weights. */
const INTEGER = /^(BOOL|[UI]\d+)$/;

/** What weights take, in bytes. */
export interface WeightBytes {
  /** In F32. */
  floats: number;
  /** As they are stored. */
  stored: number;
}

/** The same of files, where each weight is known. */
export interface FileBytes extends WeightBytes {
  /** What the largest weight takes in F32. */
  largest: number;
}

/** What the weights of a checkpoint take. @throws InputError when a file is missing or damaged */
export function weightBytes(model: string): FileBytes {
  const { shards } = openWeights(model);
  for (const shard of shards) shard.close();
  const entries = shards.flatMap(({ tensors }) => [...tensors.values()]);
  const weights = entries.filter(({ dtype }) => !INTEGER.test(dtype));
  const floats = weights.map(
    ({ shape }) => Float32Array.BYTES_PER_ELEMENT * shape.reduce((product, n) => product * n, 1),
  );
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  return { floats: sum(floats), stored: sum(weights.map(({ bytes }) => bytes)), largest: largest(floats, 0) };
}

/** The same; undefined where a file is missing or damaged, which is for those to say who load the model. */
export function weightsIfReadable(model: string): FileBytes | undefined {
  try {
    return weightBytes(model);
  } catch {
    return undefined;
  }
}

const indexFile = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
/** A file of the index's own directory; nothing that leads anywhere else. */
const SHARD = /^\w[\w.-]*\.safetensors$/;

/**
 * Names of the shards that an index speaks of.
 * @throws InputError when it cannot be read, or names something outside its directory
 */
export function shardNames(index: string): string[] {
  const { weight_map: map } = readJson(index, indexFile);
  const names = [...new Set(Object.values(map))].sort();
  const outside = names.find((name) => !SHARD.test(name));
  if (outside === undefined && names.length > 0) return names;
  const found = outside === undefined ? 'no file' : `"${outside}"`;
  throw new InputError(
    `${index}: weight_map: names ${found}; it must name safetensors files of the same directory`,
  );
}
