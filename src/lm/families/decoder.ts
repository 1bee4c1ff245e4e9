// What all causal families have in common: embeddings, a tower of blocks, and a head over the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import type { Block } from '../block.js';
import { CausalHead } from '../layers/causal-head.js';
import type { Linear } from '../layers/linear.js';
import type { Norm } from '../layers/norm.js';
import { Table } from '../layers/table.js';
import { Unembedding } from '../layers/unembedding.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import { lengthOf, type Network } from '../transformer.js';

export interface DecoderDesign {
  sizes: Sizes;
  /** Name of the word embeddings, and their width P; H unless given. */
  words: { name: string; width?: number | undefined };
  /** What word embeddings are multiplied by on their way in. */
  scale?: number | undefined;
  /** Learned positions: their table, and the row of the first token. */
  positions?: { name: string; first: number } | undefined;
  /** Between the width of the embeddings and that of the stream, where they differ. */
  projectIn?: (() => Linear) | undefined;
  projectOut?: (() => Linear) | undefined;
  /** Asks for a layer's block. */
  block(layer: number): () => Block;
  /** Before the head. */
  norm?: (() => Norm) | undefined;
  head: {
    /** Name of the output's own embeddings. */
    name: string;
    /** They are the word embeddings; so they are, too, where a checkpoint has none. */
    tied: boolean;
    /** A bias of the logits, where the checkpoint has one. */
    bias?: boolean;
    /** Logits z become cap * tanh(z / cap). */
    cap?: number | undefined;
  };
}

/** Asks for the parts of a decoder. @returns what builds the network from them */
export function planDecoder(design: DecoderDesign, parts: Parts): () => Network {
  const { sizes, scale, head: output } = design;
  const { hidden, vocabulary } = sizes;
  const { width = hidden } = design.words;
  const words = parts.matrix(`${design.words.name}.weight`, [vocabulary, width]);
  const first = design.positions?.first ?? 0;
  const positions =
    design.positions && parts.matrix(`${design.positions.name}.weight`, [sizes.maxLength + first, hidden]);
  const blocks = Array.from({ length: sizes.layers }, (_, layer) => design.block(layer));
  const own = `${output.name}.weight`;
  const shared = `${design.words.name}.weight`;
  const rows = output.tied
    ? parts.tied(own, shared)
    : parts.matrixIfPresent(own, [vocabulary, width], shared);
  const bias = output.bias ? parts.vectorIfPresent(`${output.name}.bias`, vocabulary) : undefined;

  return () => {
    const tokens = new Table(words());
    const places = positions && new Table(positions());
    const projectIn = design.projectIn?.();
    const built = blocks.map((block) => block());
    const head = new CausalHead({
      norm: design.norm?.(),
      projection: design.projectOut?.(),
      unembedding: new Unembedding(rows() ?? tokens.matrix, bias?.()),
      cap: output.cap,
    });
    const all = [tokens, places, projectIn, ...built, head].filter((part) => part !== undefined);
    return {
      causal: true,
      blocks: built,
      get words() {
        return head.unembedding.rows;
      },
      embed(ids) {
        return tf.tidy(() => {
          const own = tokens.at(ids.flat()); // [B*S, P]
          const scaled = scale ? tf.mul<tf.Tensor2D>(own, scale) : own;
          const inside = projectIn?.apply(scaled).y ?? scaled; // [B*S, H]
          if (!places) return inside;
          return tf.add<tf.Tensor2D>(inside, tf.tile(places.slice(first, lengthOf(ids)), [ids.length, 1]));
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
