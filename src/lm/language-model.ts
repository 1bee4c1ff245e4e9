// A checkpoint in memory: network, tokenizer, fingerprint, and the value vectors that surgery exchanges.
import * as tf from '@tensorflow/tfjs-core';
import { norm } from '../numbers.js';
import type { Block } from './block.js';
import { Checkpoint } from './checkpoint.js';
import { readsStored } from './layers/shared-matrix.js';
import type { NetworkInfo } from './model-info.js';
import { nameOf } from './one-file.js';
import { NO_OVERLAY, type Overlay } from './overlay.js';
import { ownersOf } from './owners.js';
import type { ValueMatrix } from './parts.js';
import type { Tokenizer } from './tokenizer.js';
import type { Network } from './transformer.js';
import { valuesOf } from './values.js';
import type { WeightStore } from './weight-store.js';

/** Where a checkpoint's weights lie; plain data. */
export interface CheckpointFiles {
  /** Of each layer, where its value vectors are. */
  values: ValueMatrix[];
}

/** Value vectors that are read together, where all of a layer are. */
const ROWS_AT_ONCE = 4096;

export class LanguageModel {
  private current = NO_OVERLAY;
  /** What takes the value vectors of the present overlay away again. */
  private restore: (() => void)[] = [];

  private constructor(
    readonly info: NetworkInfo,
    readonly network: Network,
    readonly tokenizer: Tokenizer,
    readonly files: CheckpointFiles,
  ) {}

  /**
   * Loads a checkpoint, which is a directory of Hugging Face's or a GGUF file, for the current tensor backend.
   * @param store where its matrices lie, or are to lie, for a backend that reads them there; its own unless given
   * @throws InputError when a file is missing, damaged or of an unsupported kind
   */
  static load(directory: string, store?: WeightStore): LanguageModel {
    const checkpoint = Checkpoint.open(directory);
    try {
      const { family, design } = checkpoint;
      const tokenizer = checkpoint.tokenizer();
      const network = checkpoint.load(readsStored() ? (store ?? checkpoint.store()) : undefined);
      const info: NetworkInfo = {
        name: nameOf(directory),
        directory,
        family: family.type,
        causal: network.causal,
        normsOutput: network.blocks.some((block) => block.normsOutput),
        owners: ownersOf(network.blocks),
        notes: [...checkpoint.notes, ...tokenizer.notes],
        ...design.sizes,
      };
      const values = network.blocks.map((_, layer) => checkpoint.valueMatrix(layer));
      return new LanguageModel(info, network, tokenizer, { values });
    } finally {
      checkpoint.close();
    }
  }

  /**
   * Puts the value vectors of `overlay` in place of the base's, and the base's own back everywhere else. The base's
   * matrices stay as they are, so taking an overlay off gives back the very same bytes.
   */
  use(overlay: Overlay): void {
    if (overlay.id === this.current.id) return;
    for (const restore of this.restore) restore();
    this.restore = [];
    const blocks = overlay.neurons.map(([layer]) => this.block(layer)); // layers may share one
    for (const block of new Set(blocks)) {
      const rows = blocks.flatMap((one, row) => (one === block ? [row] : []));
      const neurons = rows.map((row) => overlay.neurons[row]?.[1] ?? 0);
      const vectors = tf.tidy(() => {
        const all = tf.tensor2d(overlay.values, [overlay.neurons.length, this.info.hidden]);
        return tf.gather(all, tf.tensor1d(rows, 'int32'));
      });
      this.restore.push(block.value.edit(neurons, vectors));
    }
    this.current = overlay;
  }

  /** This model with another network in place of its own, for a look at it; do not dispose it, nor change it. */
  seenThrough(network: Network): LanguageModel {
    return new LanguageModel(this.info, network, this.tokenizer, this.files);
  }

  /** The overlay that is in place. */
  get overlay(): Overlay {
    return this.current;
  }

  /** Value vectors as they are now: one row of H floats per neuron [n, H]. */
  valueVectors(neurons: readonly (readonly [layer: number, neuron: number])[]): Float32Array {
    const { hidden } = this.info;
    const vectors = new Float32Array(neurons.length * hidden);
    for (const layer of new Set(neurons.map(([at]) => at))) {
      const rows = neurons.flatMap(([at], row) => (at === layer ? [row] : []));
      const own = rows.map((row) => neurons[row]?.[1] ?? 0);
      const found = valuesOf(() => this.block(layer).value.rows(own));
      rows.forEach((row, i) => {
        vectors.set(found.subarray(i * hidden, (i + 1) * hidden), row * hidden);
      });
    }
    return vectors;
  }

  /** Norms of all value vectors of a layer as they are now [F]. */
  valueNorms(layer: number): number[] {
    const { hidden, neurons } = this.info;
    const norms: number[] = [];
    while (norms.length < neurons) {
      const count = Math.min(ROWS_AT_ONCE, neurons - norms.length);
      const vectors = this.valueVectors(Array.from({ length: count }, (_, i) => [layer, norms.length + i]));
      for (let row = 0; row < count; row++)
        norms.push(norm(vectors.subarray(row * hidden, (row + 1) * hidden)));
    }
    return norms;
  }

  /** E of a token as written in the checkpoint, of several tokens their mean [P]. */
  embedding(ids: readonly number[]): Float32Array {
    return valuesOf(() => this.meanRow(ids));
  }

  /** The same pulled back through the head's transform [H] (direction `readout`). */
  readoutDirection(ids: readonly number[]): Float32Array {
    return valuesOf(() => this.network.readout(this.meanRow(ids)));
  }

  dispose(): void {
    for (const restore of this.restore) restore();
    this.network.dispose();
  }

  private meanRow(ids: readonly number[]): tf.Tensor2D {
    return tf.mean(this.network.words.pick(ids, 0), 0, true);
  }

  private block(layer: number): Block {
    const block = this.network.blocks[layer];
    if (!block) throw new RangeError(`no layer ${layer}`);
    return block;
  }
}
