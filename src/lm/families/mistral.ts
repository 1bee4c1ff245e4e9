// Mistral (Jiang et al. 2023): Llama with grouped queries by default, and in its first version a sliding window everywhere.
import { z } from 'zod';
import { family } from './family.js';
import { size, sizeDefaults } from './fields.js';
import { grouped, llamaFamily, llamaFields, planLlama } from './llama-like.js';

export const mistral = family({
  ...llamaFamily,
  type: 'mistral',
  architectures: ['MistralForCausalLM'],
  config: z
    .object({
      ...llamaFields,
      ...sizeDefaults({ intermediate_size: 14_336, max_position_embeddings: 131_072 }),
      num_key_value_heads: size.nullable().default(8),
      /** Null from version 0.2 on. */
      sliding_window: size.nullable().default(4096),
    })
    .check(grouped),
  plan: (config, parts) =>
    planLlama(config, parts, {
      window: () => config.sliding_window ?? undefined,
    }),
});
