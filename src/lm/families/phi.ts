// Phi 1, 1.5 and 2 (Gunasekar et al. 2023, Li et al. 2023): attention and FFN side by side behind one norm, rotary
// positions in part of each head, biases everywhere.
import { z } from 'zod';
import { ACTIVATIONS, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, epsilon, size, sizeDefaults, usualSizes } from './fields.js';
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

function layerPart(layer: number, name: string): string {
  return `model.layers.${layer}.${name}`;
}

export const phi = family({
  type: 'phi',
  architectures: ['PhiForCausalLM'],
  prefix: 'model.',
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'mlp.fc2'),
  config: schema,
  sizes: usualSizes,
  plan(config, parts) {
    const { hidden_size: hidden, intermediate_size: neurons, num_attention_heads: heads } = config;
    const memoryHeads = config.num_key_value_heads ?? heads;
    const width = hidden / heads;
    const norm = (name: string, size = hidden) => parts.layerNorm(name, size, config.layer_norm_eps);
    const turning = frequencies(config, width, { theta: 10_000, partial: 0.5 });
    return planDecoder(
      {
        sizes: usualSizes(config),
        words: { name: 'model.embed_tokens' },
        block(layer) {
          const part = (name: string) => layerPart(layer, `self_attn.${name}`);
          const both = norm(layerPart(layer, 'input_layernorm'));
          const query = parts.linear(part('q_proj'), hidden, hidden);
          const keys = parts.linear(part('k_proj'), hidden, memoryHeads * width);
          const values = parts.linear(part('v_proj'), hidden, memoryHeads * width);
          const output = parts.linear(part('dense'), hidden, hidden);
          const queryNorm = config.qk_layernorm ? norm(part('q_layernorm'), width) : undefined;
          const keyNorm = config.qk_layernorm ? norm(part('k_layernorm'), width) : undefined;
          const key = parts.linear(layerPart(layer, 'mlp.fc1'), hidden, neurons);
          const value = parts.linear(layerPart(layer, 'mlp.fc2'), neurons, hidden);
          return () => {
            const before = both();
            return new ResidualBlock({
              beforeAttention: before,
              attention: new Attention(
                { query: query(), key: keys(), value: values(), output: output() },
                {
                  heads,
                  memoryHeads,
                  visible: backwards(),
                  rotary: new Rotary(width, turning),
                  queryNorm: queryNorm?.(),
                  keyNorm: keyNorm?.(),
                },
              ),
              beforeFfn: before,
              ffn: new FfnInput(key(), activations[config.hidden_act]),
              value: value(),
              parallel: true,
            });
          };
        },
        norm: norm('model.final_layernorm'),
        head: { name: 'lm_head', tied: config.tie_word_embeddings, bias: true },
      },
      parts,
    );
  },
});
