// The files that make up a checkpoint directory, by name.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readJson } from '../spec/json.js';

export const CONFIG = 'config.json';
export const TOKENIZER = 'tokenizer.json';
export const WEIGHTS = 'model.safetensors';
/** Of weights in shards: which tensor lies in which file. */
export const WEIGHTS_INDEX = 'model.safetensors.index.json';

/** Files beside them that belong to a model, where it has them. */
export const OPTIONAL = [
  'generation_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
];

/** The first file that a directory with these names lacks to be a model; undefined when it is complete. */
export function lacking(names: readonly string[]): string | undefined {
  for (const name of [CONFIG, TOKENIZER]) if (!names.includes(name)) return name;
  return names.includes(WEIGHTS) || names.includes(WEIGHTS_INDEX) ? undefined : WEIGHTS;
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
