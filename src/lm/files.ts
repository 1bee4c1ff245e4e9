// The files of a checkpoint directory, and those of them that hold the weights: one, or shards with their index. Light:
// knows no tensors.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readJson } from '../spec/json.js';
import { SafetensorsFile } from './safetensors.js';

const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

const indexSchema = z.looseObject({
  weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+$/, 'must name a file of the same directory')),
});

/** Open files. Close each when done. */
export interface WeightFiles {
  /** The index of a checkpoint in shards. */
  index: string | undefined;
  shards: SafetensorsFile[];
}

/** @throws InputError when a file is missing or damaged */
export function openWeights(directory: string): WeightFiles {
  const sharded = !existsSync(join(directory, WEIGHTS)) && existsSync(join(directory, INDEX));
  const index = sharded ? join(directory, INDEX) : undefined;
  const names = index ? shardsOf(index) : [WEIGHTS];
  const shards: SafetensorsFile[] = [];
  try {
    for (const name of names) shards.push(SafetensorsFile.open(fileOf(directory, name)));
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
  return { index, shards };
}

/** What all tensors of a checkpoint take in F32, in bytes. @throws InputError when a file is missing or damaged */
export function weightBytes(directory: string): number {
  const { shards } = openWeights(directory);
  for (const shard of shards) shard.close();
  const entries = shards.flatMap(({ tensors }) => [...tensors.values()]);
  return entries.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 4), 0);
}

/** Path of a file that every checkpoint has. @throws InputError when this one has not */
export function fileOf(directory: string, name: string): string {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  throw new InputError(`${directory}: has no ${name}; a model directory needs one`);
}

/** File names of the shards, sorted. */
function shardsOf(index: string): string[] {
  const names = [...new Set(Object.values(readJson(index, indexSchema).weight_map))].sort();
  if (names.length === 0) throw new InputError(`${index}: weight_map: names no file`);
  return names;
}
