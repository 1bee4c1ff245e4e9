// ALBERT (Lan et al. 2020): BERT with embeddings of a width of their own, whose layers run the same weights,
// all of them or groups of them.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { bertBody, bertConfig, bertEncoder, bertSizes } from './bert.js';
import { type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { sizeDefaults } from './fields.js';

const schema = bertConfig.safeExtend({
  ...sizeDefaults({
    vocab_size: 30_000,
    embedding_size: 128,
    hidden_size: 4096,
    num_hidden_groups: 1,
    num_attention_heads: 64,
    intermediate_size: 16_384,
  }),
  inner_group_num: z.literal(1, { error: 'only 1 is supported' }).optional(),
  hidden_act: z.enum(ACTIVATIONS).default('gelu_new'),
});

type Config = z.infer<typeof schema>;

function namesOf({ num_hidden_groups: groups, num_hidden_layers: layers }: Config): BertLikeNames {
  const part = (name: string) => (layer: number) =>
    `albert.encoder.albert_layer_groups.${Math.floor((layer * groups) / layers)}.albert_layers.0.${name}`;
  return {
    ...bertBody('albert'),
    projectIn: 'albert.encoder.embedding_hidden_mapping_in',
    query: part('attention.query'),
    key: part('attention.key'),
    value: part('attention.value'),
    attentionOutput: part('attention.dense'),
    attentionNorm: part('attention.LayerNorm'),
    intermediate: part('ffn'),
    output: part('ffn_output'),
    outputNorm: part('full_layer_layer_norm'),
    transform: 'predictions.dense',
    transformNorm: 'predictions.LayerNorm',
    decoder: 'predictions.decoder',
    decoderBias: 'predictions.bias',
  };
}

export const albert = family({
  type: 'albert',
  architectures: ['AlbertForMaskedLM', 'AlbertForPreTraining'],
  special: { mask: '[MASK]', unknown: '<unk>' },
  prefix: 'albert.',
  layout: 'out-in',
  value: (layer, config) => namesOf(config).output(layer),
  config: schema,
  sizes: bertSizes,
  plan: (config, parts) =>
    planBertLike({ ...bertEncoder(config), embedding: config.embedding_size }, namesOf(config), parts),
});
