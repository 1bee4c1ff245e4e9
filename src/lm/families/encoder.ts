// What BERT and its kin have in common: a post-layer-norm encoder with a transform before the vocabulary. They differ
// in the names of their tensors, and in how positions are counted.
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { MaskedHead } from '../layers/masked-head.js';
import { PostNormBlock } from '../layers/post-norm-block.js';
import { Table } from '../layers/table.js';
import { Unembedding } from '../layers/unembedding.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';

export interface EncoderConfig extends Omit<Sizes, 'maxLength'> {
  heads: number;
  /** Rows of the position table. */
  positions: number;
  /** Row of the first token. */
  firstPosition: number;
  /** Rows of the token type table, where the family has one. */
  types: number;
  activation: ActivationName;
  epsilon: number;
  /** The output embeddings are the word embeddings. */
  tied: boolean;
}

/** Names of the parts in a checkpoint, without `.weight` and `.bias`. */
export interface EncoderNames {
  words: string;
  positions: string;
  types?: string;
  embeddingNorm: string;
  query(layer: number): string;
  key(layer: number): string;
  value(layer: number): string;
  attentionOutput(layer: number): string;
  attentionNorm(layer: number): string;
  intermediate(layer: number): string;
  output(layer: number): string;
  outputNorm(layer: number): string;
  transform: string;
  transformNorm: string;
  /** The decoder's rows where they are not tied, and the full name of its bias. */
  decoder: string;
  decoderBias: string;
}

/** Asks for the parts of an encoder. @returns what builds the network from them */
export function planEncoder(config: EncoderConfig, names: EncoderNames, parts: Parts): () => Network {
  const { hidden, neurons, vocabulary, epsilon } = config;
  const square = (name: string) => parts.linear(name, hidden, hidden);
  const norm = (name: string) => parts.layerNorm(name, hidden, epsilon);
  const table = (name: string, rows: number) => parts.tensor(`${name}.weight`, [rows, hidden]);

  const words = table(names.words, vocabulary);
  const positions = table(names.positions, config.positions);
  const types = names.types === undefined ? undefined : table(names.types, config.types);
  const embeddingNorm = norm(names.embeddingNorm);
  const blocks = Array.from({ length: config.layers }, (_, layer) => {
    const query = square(names.query(layer));
    const key = square(names.key(layer));
    const value = square(names.value(layer));
    const attentionOutput = square(names.attentionOutput(layer));
    const attentionNorm = norm(names.attentionNorm(layer));
    const intermediate = parts.linear(names.intermediate(layer), hidden, neurons);
    const output = parts.linear(names.output(layer), neurons, hidden);
    const outputNorm = norm(names.outputNorm(layer));
    return () =>
      new PostNormBlock({
        attention: new Attention(
          { query: query(), key: key(), value: value(), output: attentionOutput() },
          { heads: config.heads },
        ),
        attentionNorm: attentionNorm(),
        ffn: new FfnInput(intermediate(), activations[config.activation]),
        value: output(),
        outputNorm: outputNorm(),
      });
  });
  const transform = square(names.transform);
  const transformNorm = norm(names.transformNorm);
  const decoder = config.tied
    ? parts.tied(`${names.decoder}.weight`, `${names.words}.weight`)
    : table(names.decoder, vocabulary);
  const bias = parts.tensor<tf.Tensor1D>(names.decoderBias, [vocabulary]);

  return () => {
    const tokens = new Table(words());
    const places = new Table(positions());
    const type = types && new Table(types());
    const normalise = embeddingNorm();
    const built = blocks.map((block) => block());
    const head = new MaskedHead(
      transform(),
      activations[config.activation],
      transformNorm(),
      new Unembedding(decoder() ?? tokens.matrix, bias()),
    );
    const all = [tokens, places, ...(type ? [type] : []), normalise, ...built, head];
    return {
      causal: false,
      blocks: built,
      get words() {
        return head.unembedding.rows;
      },
      embed(ids) {
        const own = places.slice(config.firstPosition, ids.shape[1]); // [S, H]
        const place = type ? tf.add<tf.Tensor2D>(own, type.slice(0, 1)) : own;
        const sum = tf.add(tokens.rowsOf(ids), place); // [B, S, H]
        return normalise.apply(tf.reshape(sum, [-1, hidden])).y;
      },
      head: (x) => head.apply(x),
      readout: (embedding) => head.readout(embedding),
      weights: () => all.flatMap((part) => part.weights()),
      dispose() {
        for (const part of all) part.dispose();
      },
    };
  };
}
