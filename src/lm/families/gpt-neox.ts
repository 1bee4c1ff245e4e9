// GPT-NeoX (Black et al. 2022) and Pythia: queries, keys and values interleaved in one tensor, rotary positions in part of
// each head, and mostly attention and FFN side by side.
import { z } from 'zod';
import { ACTIVATIONS, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, epsilon, inLayers, sizeDefaults, usualSizes } from './fields.js';
import { frequencies, ropeFields } from './rope.js';

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 50_432,
      hidden_size: 6144,
      intermediate_size: 24_576,
      num_hidden_layers: 44,
      num_attention_heads: 64,
      max_position_embeddings: 2048,
    }),
    hidden_act: z.enum(ACTIVATIONS).default('gelu'),
    layer_norm_eps: epsilon.default(1e-5),
    use_parallel_residual: z.boolean().default(true),
    tie_word_embeddings: z.boolean().default(false),
    /** Share of a head's dimensions that turn, and the base; in older files. */
    rotary_pct: z.number().positive().max(1).default(0.25),
    rotary_emb_base: z.number().positive().default(10_000),
    ...ropeFields,
  })
  .check(divides('hidden_size', 'num_attention_heads'));

const layerPart = inLayers('gpt_neox.layers');

/** The rows of the fused tensor go head by head, [heads, 3, D]; this is their order as three blocks, [3, heads, D]. */
function threeBlocks(heads: number, width: number): number[] {
  return Array.from({ length: 3 * heads * width }, (_, i) => {
    const [block, head, own] = [Math.floor(i / (heads * width)), Math.floor(i / width) % heads, i % width];
    return (head * 3 + block) * width + own;
  });
}

export const gptNeox = family({
  type: 'gpt_neox',
  architectures: ['GPTNeoXForCausalLM'],
  prefix: 'gpt_neox.',
  otherwise: (name) => name.replace(/^embed_out\./, 'lm_head.'),
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'mlp.dense_4h_to_h'),
  config: schema,
  sizes: usualSizes,
  plan(config, parts) {
    const { hidden_size: hidden, intermediate_size: neurons, num_attention_heads: heads } = config;
    const width = hidden / heads;
    const blocks = threeBlocks(heads, width);
    const norm = (name: string) => parts.layerNorm(name, hidden, config.layer_norm_eps);
    const linear = (name: string, input: number, output: number, order?: number[]) =>
      parts.linear(name, input, output, { bias: 'usually', ...(order && { order }) });
    const turning = frequencies(config, width, {
      theta: config.rotary_emb_base,
      partial: config.rotary_pct,
    });
    return planDecoder(
      {
        sizes: usualSizes(config),
        words: { name: 'gpt_neox.embed_in' },
        block(layer) {
          const beforeAttention = norm(layerPart(layer, 'input_layernorm'));
          const inputs = linear(layerPart(layer, 'attention.query_key_value'), hidden, 3 * hidden, blocks);
          const output = linear(layerPart(layer, 'attention.dense'), hidden, hidden);
          const beforeFfn = norm(layerPart(layer, 'post_attention_layernorm'));
          const key = linear(layerPart(layer, 'mlp.dense_h_to_4h'), hidden, neurons);
          const value = linear(layerPart(layer, 'mlp.dense_4h_to_h'), neurons, hidden);
          return () => {
            const [query, keys, values] = inputs().split(hidden, hidden, hidden);
            return new ResidualBlock({
              beforeAttention: beforeAttention(),
              attention: new Attention(
                { query, key: keys, value: values, output: output() },
                { heads, visible: backwards(), rotary: new Rotary(width, turning) },
              ),
              beforeFfn: beforeFfn(),
              ffn: new FfnInput(key(), activations[config.hidden_act]),
              value: value(),
              parallel: config.use_parallel_residual,
            });
          };
        },
        norm: norm('gpt_neox.final_layer_norm'),
        head: { name: 'embed_out', tied: config.tie_word_embeddings },
      },
      parts,
    );
  },
});
