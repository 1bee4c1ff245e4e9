// Phi 3 and Phi 4 (Abdin et al. 2024): Llama with queries, keys and values in one tensor, and gate and up in another.
import { z } from 'zod';
import { family } from './family.js';
import { epsilon, size, sizeDefaults } from './fields.js';
import { grouped, llamaFamily, llamaFields, planLlama } from './llama-like.js';

export const phi3 = family({
  ...llamaFamily,
  type: 'phi3',
  architectures: ['Phi3ForCausalLM'],
  config: z
    .object({
      ...llamaFields,
      ...sizeDefaults({
        vocab_size: 32_064,
        hidden_size: 3072,
        intermediate_size: 8192,
        max_position_embeddings: 4096,
      }),
      rms_norm_eps: epsilon.default(1e-5),
      sliding_window: size.nullish(),
    })
    .check(grouped),
  plan: (config, parts) =>
    planLlama(config, parts, {
      window: () => config.sliding_window ?? undefined,
      fused: true,
    }),
});
