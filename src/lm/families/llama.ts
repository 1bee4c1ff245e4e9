// Llama 1 to 3 (Touvron et al. 2023, Grattafiori et al. 2024) and all that has its architecture: SmolLM2, TinyLlama.
import { z } from 'zod';
import { family } from './family.js';
import { grouped, llamaFamily, llamaFields, planLlama } from './llama-like.js';

export const llama = family({
  ...llamaFamily,
  type: 'llama',
  architectures: ['LlamaForCausalLM', 'LLaMAForCausalLM'], // the second in conversions of before transformers had it
  config: z.object(llamaFields).check(grouped),
  plan: (config, parts) => planLlama(config, parts, {}),
});
