// GPT-2 (Radford et al. 2019): one fused layer for queries, keys and values, and weights that lie as [in, out].
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { backwards } from '../layers/visible.js';
import { family } from './family.js';
import { divides, epsilon, never, size, sizeDefaults, tied } from './fields.js';
import { gptSizes, layerPart, planGpt, valueName } from './gpt.js';

const schema = z
  .object({
    ...sizeDefaults({ vocab_size: 50_257, n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024 }),
    /** Four times the width unless given. */
    n_inner: size.nullish(),
    activation_function: z.enum(ACTIVATIONS).default('gelu_new'),
    layer_norm_epsilon: epsilon.default(1e-5),
    scale_attn_weights: z.literal(true, { error: 'only scaled attention is supported' }).optional(),
    scale_attn_by_inverse_layer_idx: never('only attention scaled by its width is supported'),
    tie_word_embeddings: tied,
  })
  .check(divides('n_embd', 'n_head'));

export const gpt2 = family({
  type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  prefix: 'transformer.',
  layout: 'in-out',
  value: valueName,
  config: schema,
  sizes: gptSizes,
  plan(config, parts) {
    const { n_embd: hidden, n_head: heads } = config;
    const decoder = {
      ...gptSizes(config),
      activation: config.activation_function,
      epsilon: config.layer_norm_epsilon,
      tied: config.tie_word_embeddings,
    };
    return planGpt(decoder, parts, (layer) => {
      const fused = parts.linear(layerPart(layer, 'attn.c_attn'), hidden, 3 * hidden);
      const output = parts.linear(layerPart(layer, 'attn.c_proj'), hidden, hidden);
      return () => {
        const [query, key, value] = fused().split(hidden, hidden, hidden);
        return new Attention({ query, key, value, output: output() }, { heads, visible: backwards() });
      };
    });
  },
});
