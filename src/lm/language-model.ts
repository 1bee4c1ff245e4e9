// A checkpoint in memory: network, tokenizer, fingerprint, and the value vectors that surgery exchanges.
import * as tf from '@tensorflow/tfjs-core';
import type { Block } from './block.js';
import { Checkpoint } from './checkpoint.js';
import type { ModelInfo } from './model-info.js';
import { nameOf } from './one-file.js';
import { NO_OVERLAY, type Overlay } from './overlay.js';
import { ownersOf } from './owners.js';
import type { ValueMatrix } from './parts.js';
import type { Tokenizer } from './tokenizer.js';
import type { Network } from './transformer.js';

/** Where a checkpoint's weights lie; plain data. */
export interface CheckpointFiles {
  /** Of each layer, where its value vectors are. */
  values: ValueMatrix[];
}

export class LanguageModel {
  private current = NO_OVERLAY;
  /** The base's value matrices of the blocks in which an overlay has replaced them. */
  private readonly replaced = new Map<Block, tf.Tensor2D>();

  private constructor(
    readonly info: ModelInfo,
    readonly network: Network,
    readonly tokenizer: Tokenizer,
    readonly files: CheckpointFiles,
  ) {}

  /**
   * Loads a checkpoint, which is a directory of Hugging Face's or a GGUF file, onto the current tensor backend.
   * @throws InputError when a file is missing, damaged or of an unsupported kind
   */
  static load(directory: string): LanguageModel {
    const checkpoint = Checkpoint.open(directory);
    try {
      const { family, design } = checkpoint;
      const tokenizer = checkpoint.tokenizer();
      const { network, fingerprints } = checkpoint.load();
      const info: ModelInfo = {
        name: nameOf(directory),
        directory,
        ...fingerprints,
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
   * matrices stay in memory untouched, so taking an overlay off gives back the very same bytes.
   */
  use(overlay: Overlay): void {
    if (overlay.id === this.current.id) return;
    for (const [{ value }, base] of this.replaced) value.exchange(base).dispose();
    this.replaced.clear();
    const blocks = overlay.neurons.map(([layer]) => this.block(layer)); // layers may share one
    for (const block of new Set(blocks)) {
      const rows = blocks.flatMap((one, row) => (one === block ? [row] : []));
      const matrix = tf.tidy(() => {
        const indices = tf.tensor2d(
          rows.map((row) => overlay.neurons[row]?.[1] ?? 0),
          [rows.length, 1],
          'int32',
        );
        const all = tf.tensor2d(overlay.values, [overlay.neurons.length, this.info.hidden]);
        const vectors = tf.gather(all, tf.tensor1d(rows, 'int32'));
        return tf.tensorScatterUpdate(block.value.matrix, indices, vectors) as tf.Tensor2D;
      });
      this.replaced.set(block, block.value.exchange(matrix));
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
      const found = tf.tidy(() => {
        const indices = tf.tensor1d(
          rows.map((row) => neurons[row]?.[1] ?? 0),
          'int32',
        );
        return tf.gather(this.block(layer).value.matrix, indices).dataSync<'float32'>();
      });
      rows.forEach((row, i) => {
        vectors.set(found.subarray(i * hidden, (i + 1) * hidden), row * hidden);
      });
    }
    return vectors;
  }

  /** E of a token as written in the checkpoint, of several tokens their mean [P]. */
  embedding(ids: readonly number[]): Float32Array {
    return tf.tidy(() => Float32Array.from(this.meanRow(ids).dataSync()));
  }

  /** The same pulled back through the head's transform [H] (direction `readout`). */
  readoutDirection(ids: readonly number[]): Float32Array {
    return tf.tidy(() => Float32Array.from(this.network.readout(this.meanRow(ids)).dataSync()));
  }

  dispose(): void {
    for (const base of this.replaced.values()) base.dispose();
    this.network.dispose();
  }

  private meanRow(ids: readonly number[]): tf.Tensor2D {
    return tf.mean(tf.gather(this.network.words, tf.tensor1d([...ids], 'int32')), 0, true);
  }

  private block(layer: number): Block {
    const block = this.network.blocks[layer];
    if (!block) throw new RangeError(`no layer ${layer}`);
    return block;
  }
}
