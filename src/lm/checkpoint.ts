// A checkpoint: its files, the family that they are of, and the weights on their way into a network.
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { InputError, InterruptedError } from '../errors.js';
import { pathOf } from '../spec/json.js';
import { version } from '../version.js';
import { readConfig } from './config.js';
import type { Design, Family } from './families/family.js';
import { isUnchanged, lookIfThere, recall, remember, type SeenFiles } from './known-files.js';
import { SharedMatrix } from './layers/shared-matrix.js';
import { TensorMatrix } from './layers/tensor-matrix.js';
import type { Held } from './layers/weight.js';
import { Parts, type ValueMatrix } from './parts.js';
import { openSource, type Source } from './source.js';
import { spellings, wrapperOf } from './spellings.js';
import { Tokenizer } from './tokenizer.js';
import type { Network } from './transformer.js';
import type { TensorEntry, WeightFile } from './weight-file.js';
import { placesOf, WeightStore } from './weight-store.js';

/** A tensor, and the file that it lies in. */
interface Stored {
  file: WeightFile;
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
    private readonly model: string,
    readonly family: Family,
    readonly design: Design,
    private readonly source: Source,
    /** Its files, before they were opened. */
    private readonly seen: SeenFiles | undefined,
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

  /**
   * @param model a directory, or a GGUF file
   * @throws InputError when a file is missing, damaged or of an unsupported kind, or they do not go together
   */
  static open(model: string): Checkpoint {
    const seen = lookIfThere(model);
    const source = openSource(model);
    try {
      const { family, design } = readConfig(source.config);
      return new Checkpoint(model, family, design, source, seen);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  close(): void {
    this.source.close();
  }

  /** Reads the tokenizer. @throws InputError when its files are missing or damaged */
  tokenizer(): Tokenizer {
    const { vocabulary, maxLength } = this.design.sizes;
    const { special, type } = this.family;
    const { tokenizer, tokenizerConfig } = this.source;
    return Tokenizer.read(tokenizer, tokenizerConfig, { special, family: type, vocabulary, maxLength });
  }

  /** Every tensor that the weights hold, whether the network needs it or not. */
  get tensors(): TensorEntry[] {
    return this.source.weights.shards.flatMap(({ tensors }) => [...tensors.values()]);
  }

  /**
   * Builds the network. Tensors that it does not need (poolers, heads of other tasks, stored masks) are not read.
   * @param store where matrices lie, or are to lie; without one they go to the engine's memory, one at a time
   * @throws InputError when a tensor cannot be read, or holds values that are not finite
   */
  load(store?: WeightStore): Network {
    const { shards } = this.source.weights;
    const { places } = placesOf(shards);
    const stored: (Stored & { name: string; bytes?: Uint8Array<SharedArrayBuffer> | undefined })[] = [];
    for (const file of shards) {
      for (const entry of file.tensors.values()) {
        const name = this.needed.get(entry);
        if (name === undefined) continue;
        const bytes =
          store && entry.shape.length === 2
            ? new Uint8Array(store.buffer, places.get(entry), entry.bytes)
            : undefined;
        stored.push({ file, entry, name, bytes });
      }
    }
    store?.once(() => {
      const { seen } = this;
      const finite = seen && isUnchanged(seen) && recall('finite', seen, z.literal(version())) !== undefined;
      for (const { file, entry, name, bytes } of stored) {
        if (bytes) file.readInto(bytes, entry, this.parts.orders.get(name), finite);
      }
      if (seen && !finite) remember('finite', seen, version());
    });
    const weights = new Map<string, Held>();
    try {
      for (const { file, entry, name, bytes } of stored) {
        const [rows = 0, columns = 0] = entry.shape;
        const read = () => file.read(entry, this.parts.orders.get(name));
        if (bytes)
          weights.set(name, new SharedMatrix({ bytes, dtype: entry.dtype, rows, columns, stride: columns }));
        else if (entry.shape.length === 2) weights.set(name, TensorMatrix.of(read(), [rows, columns]));
        else weights.set(name, tf.tensor(read(), entry.shape));
      }
      return this.parts.build(this.plan, weights);
    } catch (error) {
      for (const weight of weights.values()) weight.dispose();
      throw error;
    }
  }

  /** A store for its matrices. */
  store(): WeightStore {
    return WeightStore.large(this.source.weights.shards);
  }

  /** Reads every weight that the network needs, as loading does, and keeps none. @throws InputError as `load` */
  async verify(signal?: AbortSignal | undefined): Promise<void> {
    for (const shard of this.source.weights.shards) {
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
          `${this.source.configName}: asks for ${layers} of the layers; the weights have more, which are left out`,
        );
      }
      return;
    }
    if (held === 0) throw this.missing(this.valueName(0));
    throw new InputError(
      `${pathOf(this.source.config)}: asks for ${layers} layers; the weights have ${held}; correct the number`,
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
      `${basename(own.file.path)}: "${nameOf(own)}" differs from "${nameOf(other)}", to which ${this.source.configName} ties it; ` +
        'the output uses its own, as transformers 5 does (tie_word_embeddings: false would say so)',
    );
  }

  /** @throws InputError unless the network can do without a tensor; where another one stands in for it, that is told */
  private doWithout(name: string): void {
    if (!this.parts.optional.has(name)) throw this.missing(name);
    const instead = this.parts.optional.get(name);
    if (instead === undefined) return;
    this.notes.push(
      `the weights have no "${this.ownName(name)}", which ${this.source.configName} does not tie; ` +
        `"${this.ownName(instead)}" stands in for it`,
    );
  }

  /** The tensor that is tied to a missing one, and stands in for it. */
  private twin(name: string): Stored | undefined {
    const [tied] = [...this.parts.ties].find(([, to]) => to === name) ?? [];
    return tied === undefined ? undefined : this.find(tied);
  }

  private need(name: string, stored: Stored, shape: readonly number[]): void {
    const { file, entry } = stored;
    if (entry.shape.join() !== shape.join()) {
      throw new InputError(
        `${file.path}: tensor "${nameOf(stored)}" is [${entry.shape}]; ${this.source.configName} asks for [${shape}]`,
      );
    }
    this.needed.set(entry, name);
  }

  /** A tensor by its present name, however it is spelled here. */
  private find(name: string): Stored | undefined {
    const { within = [] } = this.family;
    const own = spellings(name, this.family);
    for (const spelling of [...own, ...within.flatMap((one) => own.map((spelling) => one + spelling))]) {
      for (const file of this.source.weights.shards) {
        const entry = file.tensors.get(this.wrapper + spelling);
        if (entry) return { file, entry };
      }
    }
    return undefined;
  }

  /** What the weights call a tensor. */
  private ownName(name: string): string {
    return this.source.weights.shards[0]?.ownName(name) ?? name;
  }

  private missing(name: string): InputError {
    const { index, shards } = this.source.weights;
    const path = index ?? shards[0]?.path ?? this.model;
    const [some] = this.tensors;
    const others = some ? `; there are ${this.tensors.length} others, as "${this.ownName(some.name)}"` : '';
    return new InputError(
      `${path}: tensor "${this.ownName(name)}" is missing${others}; is this the right checkpoint?`,
    );
  }
}

/** What its file calls a tensor. */
function nameOf({ file, entry }: Stored): string {
  return file.ownName(entry.name);
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
