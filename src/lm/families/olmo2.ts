// OLMo 2 (OLMo Team 2024): Llama with norms behind attention and FFN instead of before them, and norms of all queries and
// of all keys.
import { z } from 'zod';
import { family } from './family.js';
import { epsilon, sizeDefaults } from './fields.js';
import { grouped, llamaFamily, llamaFields, planLlama } from './llama-like.js';

export const olmo2 = family({
  ...llamaFamily,
  type: 'olmo2',
  architectures: ['Olmo2ForCausalLM'],
  config: z
    .object({
      ...llamaFields,
      ...sizeDefaults({ vocab_size: 50_304 }),
      rms_norm_eps: epsilon.default(1e-5),
    })
    .check(grouped),
  plan: (config, parts) =>
    planLlama(config, parts, {
      norms: { afterAttention: 'post_attention_layernorm', afterFfn: 'post_feedforward_layernorm' },
      queryNorms: 'all',
    }),
});
