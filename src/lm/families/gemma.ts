// Gemma (Gemma Team 2024, 2025): norms around (1 + w), scaled embeddings; from version 2 on norms behind attention and FFN
// too, and windows in most layers; caps in version 2, norms of queries and keys in version 3.
import { z } from 'zod';
import { ACTIVATIONS, type ActivationName } from '../layers/activations.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';
import { family } from './family.js';
import { size, sizeDefaults, usualSizes } from './fields.js';
import { layerType, layerTypes, oneTypeEach } from './layer-types.js';
import {
  grouped,
  headWidth,
  type LlamaFields,
  type LlamaLike,
  llamaFamily,
  llamaFields,
  type NormNames,
  planLlama,
} from './llama-like.js';
import { frequencies } from './rope.js';

const ACTIVATION = 'gelu_pytorch_tanh';

const fields = {
  ...llamaFields,
  ...sizeDefaults({
    vocab_size: 256_000,
    hidden_size: 3072,
    intermediate_size: 24_576,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    head_dim: 256,
    max_position_embeddings: 8192,
  }),
  tie_word_embeddings: z.boolean().default(true),
  hidden_activation: z.enum(ACTIVATIONS).nullish(),
};

const laterFields = {
  ...fields,
  ...sizeDefaults({
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
  }),
  num_key_value_heads: size.nullable().default(4),
  query_pre_attn_scalar: z.number().positive().default(256),
  sliding_window: size.nullable().default(4096),
  layer_types: layerTypes,
};

const gemmaConfig = z
  .object({
    ...fields,
    num_key_value_heads: size.nullable().default(16),
    /** Counts where there is no `hidden_activation`; later versions do not look at it. */
    hidden_act: z.enum(ACTIVATIONS).default(ACTIVATION),
  })
  .check(grouped);

const cap = z.number().positive().nullable();
const gemma2Config = z
  .object({
    ...laterFields,
    attn_logit_softcapping: cap.default(50),
    final_logit_softcapping: cap.default(30),
  })
  .check(grouped, oneTypeEach);

const gemma3Config = z
  .object({
    ...laterFields,
    ...sizeDefaults({ vocab_size: 262_208, max_position_embeddings: 131_072 }),
    attn_logit_softcapping: cap.default(null),
    final_logit_softcapping: cap.default(null),
    /** Every so many layers one sees everything. */
    sliding_window_pattern: size.optional(),
    _sliding_window_pattern: size.optional(),
    /** Base of the rotary positions of layers with a window. */
    rope_local_base_freq: z.number().positive().default(10_000),
  })
  .check(grouped, oneTypeEach);

const POST_NORMS: NormNames = {
  beforeAttention: 'input_layernorm',
  afterAttention: 'post_attention_layernorm',
  beforeFfn: 'pre_feedforward_layernorm',
  afterFfn: 'post_feedforward_layernorm',
};

/** In `hidden_act` of old files `gelu` means the approximation: that is what the models were trained with. */
function olderActivation({ hidden_act: name }: z.infer<typeof gemmaConfig>): ActivationName {
  return name === 'gelu' ? ACTIVATION : name;
}

type GemmaFields = LlamaFields & { hidden_activation?: ActivationName | null | undefined };

function shared(config: GemmaFields, activation: ActivationName = ACTIVATION) {
  return {
    activation: config.hidden_activation ?? activation,
    normOffset: 1,
    embeddingScale: Math.sqrt(config.hidden_size),
  } satisfies LlamaLike;
}

/** Of versions 2 and 3. @param sliding whether a layer has a window, where the configuration does not list them */
function later(
  config: z.infer<typeof gemma2Config> | z.infer<typeof gemma3Config>,
  sliding: (layer: number) => boolean,
) {
  const typeOf = (layer: number) => layerType(layer, config, sliding(layer));
  const like = {
    ...shared(config),
    norms: POST_NORMS,
    scale: config.query_pre_attn_scalar ** -0.5,
    cap: config.attn_logit_softcapping ?? undefined,
    logitCap: config.final_logit_softcapping ?? undefined,
    window: (layer: number) =>
      typeOf(layer) === 'sliding_attention' ? (config.sliding_window ?? undefined) : undefined,
  } satisfies LlamaLike;
  return { like, typeOf };
}

export const gemma = family({
  ...llamaFamily,
  type: 'gemma',
  architectures: ['GemmaForCausalLM'],
  config: gemmaConfig,
  plan: (config, parts) => planLlama(config, parts, shared(config, olderActivation(config))),
});

export const gemma2 = family({
  ...llamaFamily,
  type: 'gemma2',
  architectures: ['Gemma2ForCausalLM'],
  config: gemma2Config,
  plan: (config, parts) => planLlama(config, parts, later(config, (layer) => layer % 2 === 0).like),
});

function planGemma3(config: z.infer<typeof gemma3Config>, parts: Parts): () => Network {
  const pattern = config.sliding_window_pattern ?? config._sliding_window_pattern ?? 6;
  const { like, typeOf } = later(config, (layer) => (layer + 1) % pattern !== 0);
  const { rope_scaling, rope_local_base_freq: theta, ...rest } = config;
  const local = { ...rest, rope_theta: theta };
  return planLlama(config, parts, {
    ...like,
    queryNorms: 'head',
    frequencies(layer) {
      const type = typeOf(layer);
      return type === 'full_attention'
        ? frequencies(config, headWidth(config), { theta: 1_000_000, layer: type })
        : frequencies(local, headWidth(config), { theta, layer: type });
    },
  });
}

export const gemma3 = family({
  ...llamaFamily,
  type: 'gemma3_text',
  architectures: ['Gemma3ForCausalLM'],
  config: gemma3Config,
  plan: planGemma3,
});

/** The text part of a checkpoint that sees images, too. */
export const gemma3Multimodal = family({
  ...llamaFamily,
  type: 'gemma3',
  architectures: ['Gemma3ForConditionalGeneration'],
  within: ['language_model.', 'model.language_model.'],
  config: z.object({ text_config: gemma3Config }),
  sizes: (config) => usualSizes(config.text_config),
  plan: (config, parts) => planGemma3(config.text_config, parts),
});
