// DistilBERT (Sanh et al. 2019): BERT with half the layers, without token types, under other names.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { divides, sizeDefaults, tied } from './fields.js';

const layerPart = (name: string) => (layer: number) => `distilbert.transformer.layer.${layer}.${name}`;

const names: BertLikeNames = {
  words: 'distilbert.embeddings.word_embeddings',
  positions: 'distilbert.embeddings.position_embeddings',
  embeddingNorm: 'distilbert.embeddings.LayerNorm',
  query: layerPart('attention.q_lin'),
  key: layerPart('attention.k_lin'),
  value: layerPart('attention.v_lin'),
  attentionOutput: layerPart('attention.out_lin'),
  attentionNorm: layerPart('sa_layer_norm'),
  intermediate: layerPart('ffn.lin1'),
  output: layerPart('ffn.lin2'),
  outputNorm: layerPart('output_layer_norm'),
  transform: 'vocab_transform',
  transformNorm: 'vocab_layer_norm',
  decoder: 'vocab_projector',
  decoderBias: 'vocab_projector.bias',
};

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 30_522,
      dim: 768,
      n_layers: 6,
      n_heads: 12,
      hidden_dim: 3072,
      max_position_embeddings: 512,
    }),
    activation: z.enum(ACTIVATIONS).default('gelu'),
    tie_word_embeddings: tied,
  })
  .check(divides('dim', 'n_heads'));

const sizes = (config: z.infer<typeof schema>) => ({
  layers: config.n_layers,
  neurons: config.hidden_dim,
  hidden: config.dim,
  vocabulary: config.vocab_size,
  maxLength: config.max_position_embeddings,
});

export const distilbert = family({
  type: 'distilbert',
  architectures: ['DistilBertForMaskedLM'],
  special: { mask: '[MASK]', unknown: '[UNK]' },
  prefix: 'distilbert.',
  layout: 'out-in',
  value: names.output,
  config: schema,
  sizes,
  plan(config, parts) {
    const encoder = {
      ...sizes(config),
      heads: config.n_heads,
      positions: config.max_position_embeddings,
      firstPosition: 0,
      types: 0,
      activation: config.activation,
      epsilon: 1e-12,
      tied: config.tie_word_embeddings,
    };
    return planBertLike(encoder, names, parts);
  },
});
