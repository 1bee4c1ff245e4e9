// Phi 1, 1.5 and 2 (Gunasekar et al. 2023, Li et al. 2023): attention and FFN side by side behind one norm, rotary
// positions in part of each head, biases everywhere.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, epsilon, inLayers, size, sizeDefaults, usualSizes } from './fields.js';
import { planOneNormBlock } from './one-norm.js';
import { frequencies, ropeFields } from './rope.js';

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 51_200,
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 24,
      num_attention_heads: 32,
      max_position_embeddings: 2048,
    }),
    /** As many as of queries unless given. */
    num_key_value_heads: size.nullish(),
    hidden_act: z.enum(ACTIVATIONS).default('gelu_new'),
    layer_norm_eps: epsilon.default(1e-5),
    /** Queries and keys are normalised head by head. */
    qk_layernorm: z.boolean().default(false),
    tie_word_embeddings: z.boolean().default(false),
    ...ropeFields,
  })
  .check(divides('hidden_size', 'num_attention_heads'))
  .check(divides('num_attention_heads', 'num_key_value_heads'));

const layerPart = inLayers('model.layers');

export const phi = family({
  type: 'phi',
  architectures: ['PhiForCausalLM'],
  prefix: 'model.',
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'mlp.fc2'),
  config: schema,
  sizes: usualSizes,
  plan(config, parts) {
    const { hidden_size: hidden, num_attention_heads: heads, layer_norm_eps: epsilon } = config;
    const memoryHeads = config.num_key_value_heads ?? heads;
    const width = hidden / heads;
    const angles = frequencies(config, width, { theta: 10_000, partial: 0.5 });
    return planDecoder(
      {
        sizes: usualSizes(config),
        words: { name: 'model.embed_tokens' },
        block(layer) {
          const part = (name: string) => layerPart(layer, `self_attn.${name}`);
          const norm = (name: string) =>
            config.qk_layernorm ? parts.layerNorm(part(name), width, epsilon) : () => undefined;
          const queryNorm = norm('q_layernorm');
          const keyNorm = norm('k_layernorm');
          return planOneNormBlock(
            {
              hidden,
              neurons: config.intermediate_size,
              memory: memoryHeads * width,
              epsilon,
              activation: config.hidden_act,
              attentionBias: 'usually',
            },
            {
              norm: layerPart(layer, 'input_layernorm'),
              query: part('q_proj'),
              key: part('k_proj'),
              value: part('v_proj'),
              attentionOutput: part('dense'),
              intermediate: layerPart(layer, 'mlp.fc1'),
              output: layerPart(layer, 'mlp.fc2'),
            },
            parts,
            () => ({
              heads,
              visible: backwards(),
              rotary: new Rotary(width, angles),
              queryNorm: queryNorm(),
              keyNorm: keyNorm(),
            }),
          );
        },
        norm: parts.layerNorm('model.final_layernorm', hidden, epsilon),
        head: { name: 'lm_head', tied: config.tie_word_embeddings, bias: true },
      },
      parts,
    );
  },
});
