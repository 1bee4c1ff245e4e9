// BERT for masked language modelling (Devlin et al. 2019): cased, uncased, multilingual.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { type BertLike, type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { divides, epsilon, never, sizeDefaults, tied, usualSizes } from './fields.js';

/** The fields of config.json that BERT and RoBERTa share, with BERT's defaults. */
export const bertConfig = z
  .object({
    ...sizeDefaults({
      vocab_size: 30_522,
      hidden_size: 768,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      intermediate_size: 3072,
      max_position_embeddings: 512,
      type_vocab_size: 2,
    }),
    hidden_act: z.enum(ACTIVATIONS).default('gelu'),
    layer_norm_eps: epsilon.default(1e-12),
    pad_token_id: z.number().int().nonnegative().nullish(),
    position_embedding_type: z.literal('absolute', { error: 'only "absolute" is supported' }).optional(),
    is_decoder: never('a decoder is not a masked language model'),
    tie_word_embeddings: tied,
  })
  .check(divides('hidden_size', 'num_attention_heads'));

/** Those that say how large a model is, and how it is made. */
type BertSizes = Pick<
  z.infer<typeof bertConfig>,
  | 'vocab_size'
  | 'hidden_size'
  | 'num_hidden_layers'
  | 'num_attention_heads'
  | 'intermediate_size'
  | 'max_position_embeddings'
  | 'type_vocab_size'
  | 'hidden_act'
  | 'layer_norm_eps'
  | 'tie_word_embeddings'
>;

/** @param firstPosition row of the position table that belongs to the first token */
export function bertSizes(config: BertSizes, firstPosition = 0) {
  return {
    ...usualSizes(config),
    maxLength: config.max_position_embeddings - firstPosition,
  };
}

export function bertEncoder(config: BertSizes, firstPosition = 0): BertLike {
  return {
    ...bertSizes(config),
    heads: config.num_attention_heads,
    positions: config.max_position_embeddings,
    firstPosition,
    types: config.type_vocab_size,
    activation: config.hidden_act,
    epsilon: config.layer_norm_eps,
    tied: config.tie_word_embeddings,
  };
}

/** Names of the body's parts. @param body `bert`, or what a descendant calls it */
export function bertBody(body: string) {
  const layerPart = (name: string) => (layer: number) => `${body}.encoder.layer.${layer}.${name}`;
  return {
    words: `${body}.embeddings.word_embeddings`,
    positions: `${body}.embeddings.position_embeddings`,
    types: `${body}.embeddings.token_type_embeddings`,
    embeddingNorm: `${body}.embeddings.LayerNorm`,
    query: layerPart('attention.self.query'),
    key: layerPart('attention.self.key'),
    value: layerPart('attention.self.value'),
    attentionOutput: layerPart('attention.output.dense'),
    attentionNorm: layerPart('attention.output.LayerNorm'),
    intermediate: layerPart('intermediate.dense'),
    output: layerPart('output.dense'),
    outputNorm: layerPart('output.LayerNorm'),
  };
}

/** Names of the head's parts. */
export const bertHead = {
  transform: 'cls.predictions.transform.dense',
  transformNorm: 'cls.predictions.transform.LayerNorm',
  decoder: 'cls.predictions.decoder',
  decoderBias: 'cls.predictions.bias',
};

const names: BertLikeNames = { ...bertBody('bert'), ...bertHead };

export const bert = family({
  type: 'bert',
  architectures: ['BertForMaskedLM', 'BertForPreTraining'],
  special: { mask: '[MASK]', unknown: '[UNK]' },
  prefix: 'bert.',
  layout: 'out-in',
  value: names.output,
  config: bertConfig,
  sizes: bertSizes,
  plan: (config, parts) => planBertLike(bertEncoder(config), names, parts),
});
