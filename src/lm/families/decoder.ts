// What GPT-2 and its kin have in common: a pre-layer-norm decoder with learned positions. They differ in attention.
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activations } from '../layers/activations.js';
import type { Attention } from '../layers/attention.js';
import { CausalHead } from '../layers/causal-head.js';
import { PreNormBlock } from '../layers/pre-norm-block.js';
import { Table } from '../layers/table.js';
import { Unembedding } from '../layers/unembedding.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';

export interface DecoderConfig extends Sizes {
  activation: ActivationName;
  epsilon: number;
  /** The output embeddings are the word embeddings. */
  tied: boolean;
}

/** Name of a layer's part, as both families write it. */
export function layerPart(layer: number, name: string): string {
  return `transformer.h.${layer}.${name}`;
}

/** Name of the linear layer that holds a layer's value vectors. */
export function valueName(layer: number): string {
  return layerPart(layer, 'mlp.c_proj');
}

/**
 * Asks for the parts of a decoder.
 * @param attention asks for a layer's attention
 * @returns what builds the network from the parts
 */
export function planDecoder(
  config: DecoderConfig,
  parts: Parts,
  attention: (layer: number) => () => Attention,
): () => Network {
  const { hidden, neurons, vocabulary, epsilon } = config;
  const norm = (name: string) => parts.norm(name, hidden, epsilon);
  const words = parts.tensor('transformer.wte.weight', [vocabulary, hidden]);
  const positions = parts.tensor('transformer.wpe.weight', [config.maxLength, hidden]);
  const blocks = Array.from({ length: config.layers }, (_, layer) => {
    const attentionNorm = norm(layerPart(layer, 'ln_1'));
    const attend = attention(layer);
    const inputNorm = norm(layerPart(layer, 'ln_2'));
    const key = parts.linear(layerPart(layer, 'mlp.c_fc'), hidden, neurons);
    const value = parts.linear(valueName(layer), neurons, hidden);
    return () =>
      new PreNormBlock(
        attentionNorm(),
        attend(),
        inputNorm(),
        key(),
        activations[config.activation],
        value(),
      );
  });
  const finalNorm = norm('transformer.ln_f');
  const decoder = config.tied
    ? parts.tied('lm_head.weight', 'transformer.wte.weight')
    : parts.tensor('lm_head.weight', [vocabulary, hidden]);

  return () => {
    const tokens = new Table(words());
    const places = new Table(positions());
    const built = blocks.map((block) => block());
    const head = new CausalHead(finalNorm(), new Unembedding(decoder() ?? tokens.matrix));
    const all = [tokens, places, ...built, head];
    return {
      causal: true,
      blocks: built,
      get words() {
        return head.unembedding.rows;
      },
      embed(ids) {
        const sum = tf.add(tokens.rowsOf(ids), places.slice(0, ids.shape[1])); // [B, S, H]
        return tf.reshape(sum, [-1, hidden]);
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
