// A checkpoint directory: its files, the family that they are of, and the weights on their way into a network.
import type { Hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { InputError, InterruptedError } from '../errors.js';
import { isPresent, readRegular } from '../files.js';
import { MAX_JSON_BYTES } from '../spec/json.js';
import { readConfig } from './config.js';
import type { Design, Family } from './families/family.js';
import { CONFIG, fileOf, openWeights, TOKENIZER, TOKENIZER_CONFIG, type WeightFiles } from './files.js';
import { Parts, type ValueMatrix } from './parts.js';
import type { SafetensorsFile, TensorEntry } from './safetensors.js';
import { spellings, wrapperOf } from './spellings.js';
import { Tokenizer } from './tokenizer.js';
import type { Network } from './transformer.js';

/** A tensor, and the file that it lies in. */
interface Stored {
  file: SafetensorsFile;
  entry: TensorEntry;
}

/**
 * An open checkpoint: configuration and headers are read and agree with each other, weights are not read. Close it when
 * done.
 */
export class Checkpoint {
  private readonly wrapper: string;
  private readonly parts: Parts;
  private readonly plan: () => Network;
  /** What the network calls each entry that it needs. */
  private readonly needed = new Map<TensorEntry, string>();
  /** How it is read where its files contradict each other, for the user to know. */
  readonly notes: string[] = [];

  private constructor(
    readonly directory: string,
    readonly family: Family,
    readonly design: Design,
    private readonly files: WeightFiles,
  ) {
    this.wrapper = wrapperOf(this.tensors.map(({ name }) => name));
    this.checkLayers();
    this.parts = new Parts(family.layout);
    this.plan = design.plan(this.parts);
    for (const [name, to] of this.parts.ties) this.tie(name, to);
    for (const [name, shape] of this.parts.shapes) {
      const stored = this.find(name) ?? this.twin(name);
      if (stored) this.need(name, stored, shape);
      else this.doWithout(name);
    }
  }

  /** @throws InputError when a file is missing, damaged or of an unsupported kind, or they do not go together */
  static open(directory: string): Checkpoint {
    if (!isPresent(directory)) {
      throw new InputError(`${directory}: no such model directory; check --model`);
    }
    if (!statSync(directory).isDirectory()) {
      throw new InputError(`${directory}: is not a directory; --model takes the one that holds ${CONFIG}`);
    }
    const { family, design } = readConfig(fileOf(directory, CONFIG));
    const files = openWeights(directory);
    try {
      return new Checkpoint(directory, family, design, files);
    } catch (error) {
      for (const shard of files.shards) shard.close();
      throw error;
    }
  }

  close(): void {
    for (const shard of this.files.shards) shard.close();
  }

  /** Path of a file that every checkpoint has. @throws InputError when this one has not */
  file(name: string): string {
    return fileOf(this.directory, name);
  }

  /** The bytes of one of the small files. @throws InputError when it cannot be read */
  bytes(name: string): Buffer {
    return readRegular(this.file(name), MAX_JSON_BYTES);
  }

  /** Reads the tokenizer. @throws InputError when its files are missing or damaged */
  tokenizer(): Tokenizer {
    const { vocabulary, maxLength } = this.design.sizes;
    const { special, type } = this.family;
    return Tokenizer.read(this.file(TOKENIZER), this.file(TOKENIZER_CONFIG), {
      special,
      family: type,
      vocabulary,
      maxLength,
    });
  }

  /** Names of the files that hold the weights, the index of shards included. */
  get weightFiles(): string[] {
    const { index, shards } = this.files;
    const names = shards.map(({ path }) => basename(path));
    return index ? [basename(index), ...names] : names;
  }

  /** Every tensor that the weights hold, whether the network needs it or not. */
  get tensors(): TensorEntry[] {
    return this.files.shards.flatMap(({ tensors }) => [...tensors.values()]);
  }

  /**
   * Builds the network: reads the tensors that it needs straight into the tensor backend, one at a time, in one pass
   * over each file. Others (poolers, heads of other tasks, stored masks) are skipped.
   * @param hash is fed every byte of the files that hold the weights
   * @throws InputError when a tensor cannot be read, or holds values that are not finite
   */
  network(hash: Hash): Network {
    const { index, shards } = this.files;
    const tensors = new Map<string, tf.Tensor>();
    try {
      if (index) hash.update(readRegular(index, MAX_JSON_BYTES));
      for (const shard of shards) {
        shard.readAll(
          (entry) => this.needed.has(entry),
          (entry, values) => tensors.set(this.needed.get(entry) ?? '', handOver(values, entry.shape)),
          hash,
        );
      }
      return this.parts.build(this.plan, tensors);
    } catch (error) {
      tf.dispose([...tensors.values()]);
      throw error;
    }
  }

  /** Reads every weight that the network needs, as loading does, and keeps none. @throws InputError as `network` */
  async verify(signal?: AbortSignal | undefined): Promise<void> {
    for (const shard of this.files.shards) {
      for (const wanted of shard.tensors.values()) {
        if (!this.needed.has(wanted)) continue;
        if (signal?.aborted) throw new InterruptedError();
        await setImmediate(); // time for what else there is to do, such as stopping
        shard.read(wanted);
      }
    }
  }

  /** Where the value vectors of a layer lie. @throws InputError when their tensor is missing */
  valueMatrix(layer: number): ValueMatrix {
    const stored = this.find(this.valueName(layer));
    if (!stored) throw this.missing(this.valueName(layer));
    return { file: basename(stored.file.path), tensor: stored.entry.name, layout: this.family.layout };
  }

  private valueName(layer: number): string {
    return `${this.design.value(layer)}.weight`;
  }

  /** Before anything is built of them: no more layers than the weights hold; that there are fewer is told. */
  private checkLayers(): void {
    const { layers } = this.design.sizes;
    let held = 0;
    while (held < layers && this.find(this.valueName(held))) held++;
    if (held === layers) {
      if (this.find(this.valueName(layers))) {
        this.notes.push(
          `${CONFIG}: asks for ${layers} of the layers; the weights have more, which are left out`,
        );
      }
      return;
    }
    if (held === 0) throw this.missing(this.valueName(0));
    const config = join(this.directory, CONFIG);
    throw new InputError(
      `${config}: asks for ${layers} layers; the weights have ${held}; correct the number`,
    );
  }

  /**
   * Decides on output embeddings that the configuration ties to the word embeddings, as transformers 5 does: a copy of
   * them is left out, others are used.
   */
  private tie(name: string, to: string): void {
    const own = this.find(name);
    const other = this.find(to);
    if (!own || !other || sameBytes(own, other)) return;
    this.need(name, own, this.parts.shapes.get(to) ?? []);
    this.notes.push(
      `${basename(own.file.path)}: "${own.entry.name}" differs from "${other.entry.name}", to which ${CONFIG} ties it; ` +
        'the output uses its own, as transformers 5 does (tie_word_embeddings: false would say so)',
    );
  }

  /** @throws InputError unless the network can do without a tensor; where another one stands in for it, that is told */
  private doWithout(name: string): void {
    if (!this.parts.optional.has(name)) throw this.missing(name);
    const instead = this.parts.optional.get(name);
    if (instead === undefined) return;
    this.notes.push(
      `the weights have no "${name}", which ${CONFIG} does not tie; "${instead}" stands in for it`,
    );
  }

  /** The tensor that is tied to a missing one, and stands in for it. */
  private twin(name: string): Stored | undefined {
    const [tied] = [...this.parts.ties].find(([, to]) => to === name) ?? [];
    return tied === undefined ? undefined : this.find(tied);
  }

  private need(name: string, { file, entry }: Stored, shape: readonly number[]): void {
    if (entry.shape.join() !== shape.join()) {
      throw new InputError(
        `${file.path}: tensor "${entry.name}" is [${entry.shape}]; config.json asks for [${shape}]`,
      );
    }
    this.needed.set(entry, name);
  }

  /** A tensor by its present name, however it is spelled here. */
  private find(name: string): Stored | undefined {
    const { prefix, within = [] } = this.family;
    const own = spellings(name, prefix);
    for (const spelling of [...own, ...within.flatMap((one) => own.map((spelling) => one + spelling))]) {
      for (const file of this.files.shards) {
        const entry = file.tensors.get(this.wrapper + spelling);
        if (entry) return { file, entry };
      }
    }
    return undefined;
  }

  private missing(name: string): InputError {
    const { index, shards } = this.files;
    const path = index ?? shards[0]?.path ?? this.directory;
    const [some] = this.tensors;
    const others = some ? `; there are ${this.tensors.length} others, as "${some.name}"` : '';
    return new InputError(`${path}: tensor "${name}" is missing${others}; is this the right checkpoint?`);
  }
}

/** Whether two tensors are the same, byte for byte. */
function sameBytes(one: Stored, other: Stored): boolean {
  if (one.entry.dtype !== other.entry.dtype || one.entry.bytes !== other.entry.bytes) return false;
  const pieces = other.file.pieces(other.entry);
  for (const piece of one.file.pieces(one.entry)) {
    const twin = pieces.next();
    if (twin.done || !piece.equals(twin.value)) return false;
  }
  return true;
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
