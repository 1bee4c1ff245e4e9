// What all masked families have in common: embeddings, a tower of blocks, and a transform before the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import type { Block } from '../block.js';
import type { Activation } from '../layers/activations.js';
import type { Linear } from '../layers/linear.js';
import { MaskedHead } from '../layers/masked-head.js';
import type { Norm } from '../layers/norm.js';
import type { RelativePositions } from '../layers/relative-positions.js';
import { Table } from '../layers/table.js';
import { Unembedding } from '../layers/unembedding.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import { lengthOf, type Network } from '../transformer.js';

export interface EncoderDesign {
  sizes: Pick<Sizes, 'layers' | 'hidden' | 'vocabulary'>;
  /** Name of the word embeddings, and their width P; H unless given. */
  words: { name: string; width?: number | undefined };
  /** Learned positions: their table and its rows, and the row of the first token. */
  positions?: { name: string; rows: number; first: number } | undefined;
  /** Token types: their table and its rows. All tokens are of the first type. */
  types?: { name: string; rows: number } | undefined;
  /** Of the sum of embeddings. */
  embeddingNorm: () => Norm;
  /** From the width of the embeddings to that of the stream, where they differ. */
  projectIn?: (() => Linear) | undefined;
  /** What the blocks' attention shares. */
  relative?: (() => RelativePositions) | undefined;
  /** Asks for a layer's block. Layers that run the same weights get the same block. */
  block(layer: number): () => Block;
  head: {
    /** Behind the last block. */
    before?: (() => Norm) | undefined;
    /** H to P. */
    transform: () => Linear;
    activation: Activation;
    norm: () => Norm;
    /** Name of the output's own embeddings. */
    decoder: string;
    /** They are the word embeddings. */
    tied: boolean;
    /** Full name of the bias of the logits, and whether a checkpoint may lack it. */
    bias: { name: string; optional?: boolean };
  };
}

/** Asks for the parts of an encoder. @returns what builds the network from them */
export function planEncoder(design: EncoderDesign, parts: Parts): () => Network {
  const { embeddingNorm, projectIn, head: output } = design;
  const { hidden, layers, vocabulary } = design.sizes;
  const { width = hidden } = design.words;
  const table = (name: string, rows: number) => parts.matrix(`${name}.weight`, [rows, width]);

  const words = table(design.words.name, vocabulary);
  const positions = design.positions && table(design.positions.name, design.positions.rows);
  const first = design.positions?.first ?? 0;
  const types = design.types && table(design.types.name, design.types.rows);
  const blocks = Array.from({ length: layers }, (_, layer) => design.block(layer));
  const decoder = output.tied
    ? parts.tied(`${output.decoder}.weight`, `${design.words.name}.weight`)
    : table(output.decoder, vocabulary);
  const bias = output.bias.optional
    ? parts.vectorIfPresent(output.bias.name, vocabulary)
    : parts.vector(output.bias.name, vocabulary);

  return () => {
    const tokens = new Table(words());
    const places = positions && new Table(positions());
    const type = types && new Table(types());
    const normalise = embeddingNorm();
    const project = projectIn?.();
    const relative = design.relative?.();
    const built = blocks.map((block) => block());
    const head = new MaskedHead({
      before: output.before?.(),
      transform: output.transform(),
      activate: output.activation,
      norm: output.norm(),
      unembedding: new Unembedding(decoder() ?? tokens.matrix, bias()),
    });
    const parts = [tokens, places, type, normalise, project, relative, ...built, head];
    const all = [...new Set(parts.filter((part) => part !== undefined))];
    return {
      causal: false,
      blocks: built,
      get words() {
        return head.unembedding.rows;
      },
      embed(ids) {
        return tf.tidy(() => {
          const place = places?.slice(first, lengthOf(ids)); // [S, P]
          const kind = type?.slice(0, 1); // [1, P]
          const beside = place && kind ? tf.add(place, kind) : (place ?? kind);
          const own = tokens.at(ids.flat()); // [B*S, P]
          const all = beside && tf.add(tf.reshape(own, [ids.length, -1, width]), beside);
          const sum = all ? tf.reshape<tf.Rank.R2>(all, [-1, width]) : own;
          const normal = normalise.apply(sum).y; // [B*S, P]
          return project?.apply(normal).y ?? normal; // [B*S, H]
        });
      },
      head: (x) => head.apply(x),
      readout: (embedding) => head.readout(embedding),
      toEmbeddingWidth: (x) => head.toEmbeddingWidth(x),
      weights: () => all.flatMap((part) => part.weights()),
      dispose() {
        for (const part of all) part.dispose();
      },
    };
  };
}
