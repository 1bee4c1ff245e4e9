// A checkpoint directory: its files, the family that they are of, and the weights on their way into a network.
import type { Hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InputError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';
import { readConfig } from './config.js';
import type { Design, Family } from './families/family.js';
import { CONFIG, fileOf, openWeights } from './files.js';
import { Parts, type ValueMatrix } from './parts.js';
import type { SafetensorsFile, TensorEntry } from './safetensors.js';
import { spellings } from './spellings.js';
import type { Network } from './transformer.js';

/** An open checkpoint: configuration and headers are read, weights are not. Close it when done. */
export class Checkpoint {
  private constructor(
    readonly directory: string,
    readonly family: Family,
    readonly design: Design,
    /** The index of a checkpoint in shards. */
    private readonly index: string | undefined,
    private readonly shards: readonly SafetensorsFile[],
  ) {}

  /** @throws InputError when a file is missing, damaged or of an unsupported kind */
  static open(directory: string): Checkpoint {
    if (!isPresent(directory)) {
      throw new InputError(`${directory}: no such model directory; check --model`);
    }
    if (!statSync(directory).isDirectory()) {
      throw new InputError(`${directory}: is not a directory; --model takes the one that holds ${CONFIG}`);
    }
    const { family, design } = readConfig(fileOf(directory, CONFIG));
    const { index, shards } = openWeights(directory);
    return new Checkpoint(directory, family, design, index, shards);
  }

  close(): void {
    for (const shard of this.shards) shard.close();
  }

  /** Path of a file that every checkpoint has. @throws InputError when this one has not */
  file(name: string): string {
    return fileOf(this.directory, name);
  }

  /** Names of the files that hold the weights, the index of shards included. */
  get weightFiles(): string[] {
    const shards = this.shards.map(({ path }) => basename(path));
    return this.index ? [basename(this.index), ...shards] : shards;
  }

  /** Every tensor that the weights hold, whether the network needs it or not. */
  get tensors(): TensorEntry[] {
    return this.shards.flatMap(({ tensors }) => [...tensors.values()]);
  }

  /**
   * Builds the network: reads the tensors that it needs straight into the tensor backend, one at a time, in one pass
   * over each file. Others (poolers, heads of other tasks, stored masks) are skipped.
   * @param hash is fed every byte of the files that hold the weights
   * @throws InputError when a tensor is missing or has another shape
   */
  network(hash: Hash): Network {
    const parts = new Parts(this.family.layout);
    const plan = this.design.plan(parts);
    /** What the network calls each entry that it needs. */
    const wanted = new Map<TensorEntry, string>();
    for (const [name, shape] of parts.shapes) {
      const { path, entry } = this.find(name);
      if (entry.shape.join() !== shape.join()) {
        throw new InputError(
          `${path}: tensor "${entry.name}" is [${entry.shape}]; config.json asks for [${shape}]`,
        );
      }
      wanted.set(entry, name);
    }
    const tensors = new Map<string, tf.Tensor>();
    try {
      if (this.index) hash.update(readBytes(this.index));
      for (const shard of this.shards) {
        shard.readAll(
          (entry) => wanted.has(entry),
          (entry, values) => tensors.set(wanted.get(entry) ?? '', handOver(values, entry.shape)),
          hash,
        );
      }
      return parts.build(plan, tensors);
    } catch (error) {
      tf.dispose([...tensors.values()]);
      throw error;
    }
  }

  /** Where the value vectors of a layer lie. @throws InputError when their tensor is missing */
  valueMatrix(layer: number): ValueMatrix {
    const { path, entry } = this.find(`${this.family.value(layer)}.weight`);
    return { file: basename(path), tensor: entry.name, layout: this.family.layout };
  }

  /** A tensor by its present name, however it is spelled here. */
  private find(name: string): { path: string; entry: TensorEntry } {
    for (const spelling of spellings(name, this.family.prefix)) {
      for (const { path, tensors } of this.shards) {
        const entry = tensors.get(spelling);
        if (entry) return { path, entry };
      }
    }
    const path = this.index ?? this.shards[0]?.path ?? this.directory;
    throw new InputError(`${path}: tensor "${name}" is missing; is this the right checkpoint?`);
  }
}

/**
 * A tensor whose values the engine has copied: TensorFlow does that when it first uses them, and until then all that
 * was read would stay in memory.
 */
function handOver(values: Float32Array, shape: number[]): tf.Tensor {
  const tensor = tf.tensor(values, shape);
  const [zeros, ones] = [shape.map(() => 0), shape.map(() => 1)];
  tf.slice(tensor, zeros, ones).dispose();
  return tensor;
}

/** The bytes of a small file. @throws InputError when it cannot be read */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  }
}
