// What a checkpoint directory holds, told from its configuration and the headers of its weights: no weight is read.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { readConfig } from './config.js';
import { CONFIG, lacking, shardNames, WEIGHTS, WEIGHTS_INDEX } from './files.js';
import { type Dtype, SafetensorsFile } from './safetensors.js';

/** A checkpoint that can be loaded; plain data. */
export interface Checkpoint {
  family: string;
  layers: number;
  /** FFN neurons a layer (F). */
  neurons: number;
  hidden: number;
  vocabulary: number;
  maxLength: number;
  /** Elements of all tensors of the weights. */
  parameters: number;
  /** How most of them are stored. */
  dtype: Dtype;
  /** Bytes of the weights on disk. */
  bytes: number;
}

/**
 * Inspects a checkpoint directory.
 * @throws InputError when a file is missing or damaged, or the architecture is not supported
 */
export function inspectCheckpoint(directory: string): Checkpoint {
  const names = namesIn(directory);
  const missing = lacking(names);
  if (missing) throw new InputError(`${directory}: has no ${missing}; a model directory needs one`);
  const config = readConfig(join(directory, CONFIG));
  const files = names.includes(WEIGHTS) ? [WEIGHTS] : shardNames(join(directory, WEIGHTS_INDEX));
  const elements = new Map<Dtype, number>();
  let bytes = 0;
  for (const name of files) {
    const file = SafetensorsFile.open(join(directory, name));
    file.close();
    bytes += statSync(file.path).size;
    for (const { dtype, shape } of file.tensors.values()) {
      elements.set(dtype, (elements.get(dtype) ?? 0) + shape.reduce((product, n) => product * n, 1));
    }
  }
  const [dtype = 'F32'] = [...elements].sort(([, a], [, b]) => b - a)[0] ?? [];
  return {
    family: config.model_type,
    layers: config.num_hidden_layers,
    neurons: config.intermediate_size,
    hidden: config.hidden_size,
    vocabulary: config.vocab_size,
    maxLength: config.max_position_embeddings,
    parameters: [...elements.values()].reduce((sum, n) => sum + n, 0),
    dtype,
    bytes,
  };
}

function namesIn(directory: string): string[] {
  if (!existsSync(directory)) throw new InputError(`${directory}: no such model directory; check --model`);
  if (statSync(directory).isDirectory()) return readdirSync(directory);
  throw new InputError(`${directory}: is not a directory; --model takes the one that holds ${CONFIG}`);
}
