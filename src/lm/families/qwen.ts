// Qwen 2 and 2.5 (Yang et al. 2024), with biases on queries, keys and values; and Qwen 3 (Yang et al. 2025), with norms
// of each head's queries and keys instead. Upper layers can have a sliding window.
import { z } from 'zod';
import type { Parts } from '../parts.js';
import { family } from './family.js';
import { size, sizeDefaults } from './fields.js';
import { layerType, layerTypes, oneTypeEach } from './layer-types.js';
import { grouped, type LlamaLike, llamaFamily, llamaFields, planLlama } from './llama-like.js';

const fields = {
  ...llamaFields,
  ...sizeDefaults({ vocab_size: 151_936, intermediate_size: 22_016, max_position_embeddings: 32_768 }),
  num_key_value_heads: size.nullable().default(32),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullable().default(4096),
  /** The first layer with a window, where layers are not listed. */
  max_window_layers: z.number().int().nonnegative().default(28),
  layer_types: layerTypes,
};

const qwen2Config = z.object(fields).check(grouped, oneTypeEach);
const qwen3Config = z
  .object({ ...fields, head_dim: size.nullable().default(128) })
  .check(grouped, oneTypeEach);

function planQwen(config: z.infer<typeof qwen2Config>, parts: Parts, like: LlamaLike) {
  const { use_sliding_window: windows, sliding_window: window, max_window_layers: first } = config;
  const slides = (layer: number) => layerType(layer, config, layer >= first) === 'sliding_attention';
  return planLlama(config, parts, {
    ...like,
    window: (layer) => (windows && slides(layer) ? (window ?? undefined) : undefined),
  });
}

export const qwen2 = family({
  ...llamaFamily,
  type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  config: qwen2Config,
  plan: (config, parts) => planQwen(config, parts, { inputBias: 'usually' }),
});

export const qwen3 = family({
  ...llamaFamily,
  type: 'qwen3',
  architectures: ['Qwen3ForCausalLM'],
  config: qwen3Config,
  plan: (config, parts) => planQwen(config, parts, { queryNorms: 'head' }),
});
