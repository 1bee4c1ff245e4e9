// Checkpoints of any shape with seeded random weights, for measurements: only the shape is of interest. They are written
// as they are drawn, a few megabytes at a time, so that they can be larger than memory.
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../lm/config.js';
import { WEIGHTS, WEIGHTS_INDEX } from '../lm/files.js';
import { toBfloat16 } from '../lm/half.js';
import { Parts } from '../lm/parts.js';
import { headOf } from '../lm/write.js';
import { seeded } from '../random.js';
import type { Config } from './shapes.js';

/**
 * Standard deviation of the weights: that of a fresh BERT, and of a fresh Llama. Behind a norm it gives logits of about
 * one, whose distribution is neither flat nor one token's.
 */
const DEVIATION = 0.02;
/** Values that are drawn at once. */
const PORTION = 1 << 20;

/** How values become bytes (little endian). */
const ENCODERS = {
  F32: {
    width: 4,
    encode: (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, 0, 4 * values.length),
  },
  BF16: {
    width: 2,
    encode(values: Float32Array): Uint8Array {
      const halves = new Uint16Array(values.length);
      for (let i = 0; i < halves.length; i++) halves[i] = toBfloat16(values[i] ?? 0);
      return new Uint8Array(halves.buffer);
    },
  },
} as const;

type Dtype = keyof typeof ENCODERS;

export interface CheckpointOptions {
  /** F32 unless given. */
  dtype?: Dtype | undefined;
  /** Bytes of a file, from which on the next one begins; all is one file unless given. */
  shard?: number | undefined;
  seed?: number | undefined;
}

interface Planned {
  name: string;
  shape: readonly number[];
  bytes: number;
}

/**
 * Writes a checkpoint directory, which is there whole or not at all.
 * @param directory must not be there yet
 * @param tokenizer directory whose tokenizer it gets (of at most as many tokens as the configuration says)
 */
export function writeCheckpoint(
  directory: string,
  config: Config,
  tokenizer: string,
  { dtype = 'F32', shard = Number.POSITIVE_INFINITY, seed = 1 }: CheckpointOptions = {},
): void {
  const stage = `${directory}.unfinished`;
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  try {
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      cpSync(join(tokenizer, name), join(stage, name));
    }
    const path = join(stage, 'config.json');
    writeFileSync(path, JSON.stringify(config, null, 2));
    writeWeights(stage, inShards(tensorsOf(path, ENCODERS[dtype].width), shard), dtype, seeded(seed));
    renameSync(stage, directory);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The tensors that a configuration asks for. @param width bytes of a value */
function tensorsOf(path: string, width: number): Planned[] {
  const { family, design } = readConfig(path);
  const parts = new Parts(family.layout);
  design.plan(parts);
  return [...parts.shapes]
    .filter(([name]) => !parts.rare.has(name))
    .map(([name, shape]) => ({ name, shape, bytes: width * shape.reduce((product, n) => product * n, 1) }));
}

/** The tensors of each file. */
function inShards(tensors: readonly Planned[], limit: number): Planned[][] {
  const shards: Planned[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    if (bytes > 0 && bytes + tensor.bytes > limit) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)?.push(tensor);
    bytes += tensor.bytes;
  }
  return shards;
}

/** Writes the files of weights, and where there are several, the index that names the file of each tensor. */
function writeWeights(
  directory: string,
  shards: readonly Planned[][],
  dtype: Dtype,
  random: () => number,
): void {
  const files: Record<string, string> = {};
  for (const [i, tensors] of shards.entries()) {
    const file = shards.length === 1 ? WEIGHTS : `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
    writeShard(join(directory, file), tensors, dtype, random);
    for (const { name } of tensors) files[name] = file;
  }
  if (shards.length > 1) {
    writeFileSync(join(directory, WEIGHTS_INDEX), JSON.stringify({ metadata: {}, weight_map: files }));
  }
}

function five(n: number): string {
  return String(n).padStart(5, '0');
}

function writeShard(path: string, tensors: readonly Planned[], dtype: Dtype, random: () => number): void {
  const { width, encode } = ENCODERS[dtype];
  const spread = DEVIATION * Math.sqrt(12); // of a uniform distribution with that deviation
  const file = openSync(path, 'wx');
  try {
    writeAll(
      file,
      headOf(
        tensors.map((tensor) => ({ ...tensor, dtype })),
        { format: 'pt' },
      ),
    );
    for (const { name, bytes } of tensors) {
      const mean = /norm\.weight$/i.test(name) ? 1 : 0;
      for (let left = bytes / width; left > 0; left -= PORTION) {
        const values = new Float32Array(Math.min(PORTION, left));
        for (let i = 0; i < values.length; i++) values[i] = mean + spread * (random() - 0.5);
        writeAll(file, encode(values));
      }
    }
  } finally {
    closeSync(file);
  }
}

/** One write may take less than it was given. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
