// What GPT-2 and GPT-Neo have in common: pre-norm decoders with learned positions, whose parts have the same names. They
// differ in attention.
import { type ActivationName, activations } from '../layers/activations.js';
import type { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';
import { planDecoder } from './decoder.js';
import { inLayers } from './fields.js';

export interface GptConfig extends Sizes {
  activation: ActivationName;
  epsilon: number;
  /** The output embeddings are the word embeddings. */
  tied: boolean;
}

/** The sizes of a model, by the names that GPT-2 and GPT-J have for them. */
export function gptSizes(config: {
  n_layer: number;
  n_inner?: number | null | undefined;
  n_embd: number;
  vocab_size: number;
  n_positions: number;
}): Sizes {
  return {
    layers: config.n_layer,
    neurons: config.n_inner ?? 4 * config.n_embd, // four times the width unless given
    hidden: config.n_embd,
    vocabulary: config.vocab_size,
    maxLength: config.n_positions,
  };
}

/** Name of a layer's part, as these families write it. */
export const layerPart = inLayers('transformer.h');

/** Name of the linear layer that holds a layer's value vectors. */
export function valueName(layer: number): string {
  return layerPart(layer, 'mlp.c_proj');
}

/**
 * Asks for the parts of a decoder.
 * @param attention asks for a layer's attention
 * @returns what builds the network from the parts
 */
export function planGpt(
  config: GptConfig,
  parts: Parts,
  attention: (layer: number) => () => Attention,
): () => Network {
  const { hidden, neurons, epsilon } = config;
  const norm = (name: string) => parts.layerNorm(name, hidden, epsilon);
  return planDecoder(
    {
      sizes: config,
      words: { name: 'transformer.wte' },
      positions: { name: 'transformer.wpe', first: 0 },
      block(layer) {
        const beforeAttention = norm(layerPart(layer, 'ln_1'));
        const attend = attention(layer);
        const beforeFfn = norm(layerPart(layer, 'ln_2'));
        const key = parts.linear(layerPart(layer, 'mlp.c_fc'), hidden, neurons);
        const value = parts.linear(valueName(layer), neurons, hidden);
        return () =>
          new ResidualBlock({
            beforeAttention: beforeAttention(),
            attention: attend(),
            beforeFfn: beforeFfn(),
            ffn: new FfnInput(key(), activations[config.activation]),
            value: value(),
          });
      },
      norm: norm('transformer.ln_f'),
      head: { name: 'lm_head', tied: config.tied },
    },
    parts,
  );
}
