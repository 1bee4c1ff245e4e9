// A checkpoint directory in memory: network, tokenizer, fingerprint, and the value vectors that surgery exchanges.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InputError, systemReason } from '../errors.js';
import { readConfig } from './config.js';
import { bertShapes, buildBert } from './families/bert.js';
import { NO_OVERLAY, type Overlay } from './overlay.js';
import { Tokenizer } from './tokenizer.js';
import type { Network } from './transformer.js';
import { Weights } from './weights.js';

/** What is known of a model without its weights; plain data. */
export interface ModelInfo {
  name: string;
  directory: string;
  /** SHA-256 over config.json, tokenizer.json and model.safetensors, in hex. */
  fingerprint: string;
  family: string;
  layers: number;
  /** FFN neurons a layer (F). */
  neurons: number;
  hidden: number;
  vocabulary: number;
  maxLength: number;
}

export class LanguageModel {
  private current = NO_OVERLAY;
  /** The base's value matrices of the layers that an overlay has replaced. */
  private readonly replaced = new Map<number, tf.Tensor2D>();

  private constructor(
    readonly info: ModelInfo,
    readonly network: Network,
    readonly tokenizer: Tokenizer,
  ) {}

  /**
   * Loads a Hugging Face checkpoint directory onto the current tensor backend.
   * @throws InputError when a file is missing, damaged or of an unsupported kind
   */
  static load(directory: string): LanguageModel {
    if (!existsSync(directory)) {
      throw new InputError(`${directory}: no such model directory; check --model`);
    }
    if (!statSync(directory).isDirectory()) {
      throw new InputError(`${directory}: is not a directory; --model takes the one that holds config.json`);
    }
    const file = (name: string) => {
      const path = join(directory, name);
      if (existsSync(path)) return path;
      throw new InputError(`${directory}: has no ${name}; a model directory needs one`);
    };
    const configPath = file('config.json');
    const tokenizerPath = file('tokenizer.json');
    const weightsPath = file('model.safetensors');
    const config = readConfig(configPath);
    const tokenizer = Tokenizer.read(
      tokenizerPath,
      file('tokenizer_config.json'),
      config.vocab_size,
      config.max_position_embeddings,
    );
    const hash = createHash('sha256');
    for (const path of [configPath, tokenizerPath]) hash.update(readBytes(path));
    const network = buildBert(config, Weights.read(weightsPath, bertShapes(config), hash));
    const info: ModelInfo = {
      name: basename(directory),
      directory,
      fingerprint: hash.digest('hex'),
      family: config.model_type,
      layers: config.num_hidden_layers,
      neurons: config.intermediate_size,
      hidden: config.hidden_size,
      vocabulary: config.vocab_size,
      maxLength: config.max_position_embeddings,
    };
    return new LanguageModel(info, network, tokenizer);
  }

  /**
   * Puts the value vectors of `overlay` in place of the base's, and the base's own back everywhere else. The base's
   * matrices stay in memory untouched, so taking an overlay off gives back the very same bytes.
   */
  use(overlay: Overlay): void {
    if (overlay.id === this.current.id) return;
    for (const [layer, base] of this.replaced) this.value(layer).exchange(base).dispose();
    this.replaced.clear();
    for (const layer of new Set(overlay.neurons.map(([at]) => at))) {
      const rows = overlay.neurons.flatMap(([at], row) => (at === layer ? [row] : []));
      const matrix = tf.tidy(() => {
        const indices = tf.tensor2d(
          rows.map((row) => overlay.neurons[row]?.[1] ?? 0),
          [rows.length, 1],
          'int32',
        );
        const all = tf.tensor2d(overlay.values, [overlay.neurons.length, this.info.hidden]);
        const vectors = tf.gather(all, tf.tensor1d(rows, 'int32'));
        return tf.tensorScatterUpdate(this.value(layer).matrix, indices, vectors) as tf.Tensor2D;
      });
      this.replaced.set(layer, this.value(layer).exchange(matrix));
    }
    this.current = overlay;
  }

  /** This model with another network in place of its own, for a look at it; do not dispose it, nor change it. */
  seenThrough(network: Network): LanguageModel {
    return new LanguageModel(this.info, network, this.tokenizer);
  }

  /** The overlay that is in place. */
  get overlay(): Overlay {
    return this.current;
  }

  /** Value vectors as they are now: one row of H floats per neuron [n, H]. */
  valueVectors(neurons: readonly (readonly [layer: number, neuron: number])[]): Float32Array {
    const { hidden } = this.info;
    const vectors = new Float32Array(neurons.length * hidden);
    neurons.forEach(([layer, neuron], row) => {
      const slice = tf.tidy(() => tf.slice(this.value(layer).matrix, [neuron, 0], [1, hidden]).dataSync());
      vectors.set(slice, row * hidden);
    });
    return vectors;
  }

  /** The word embedding E[id] as written in the checkpoint [H]. */
  embedding(id: number): Float32Array {
    return tf.tidy(() => Float32Array.from(this.wordRow(id).dataSync()));
  }

  /** E[id] pulled back through the head's transform [H] (direction `readout`). */
  readoutDirection(id: number): Float32Array {
    return tf.tidy(() => Float32Array.from(this.network.readout(this.wordRow(id)).dataSync()));
  }

  dispose(): void {
    for (const base of this.replaced.values()) base.dispose();
    this.network.dispose();
  }

  private wordRow(id: number): tf.Tensor2D {
    return tf.slice(this.network.words, [id, 0], [1, this.info.hidden]);
  }

  private value(layer: number) {
    const block = this.network.blocks[layer];
    if (!block) throw new RangeError(`no layer ${layer}`);
    return block.value;
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
  }
}
