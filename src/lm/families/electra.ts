// ELECTRA's generator (Clark et al. 2020): BERT with embeddings of a width of their own, that of its discriminator's stream,
// which has no head over the vocabulary.
import { bertBody, bertConfig, bertEncoder, bertSizes } from './bert.js';
import { type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { sizeDefaults } from './fields.js';

const names: BertLikeNames = {
  ...bertBody('electra'),
  transform: 'generator_predictions.dense',
  transformNorm: 'generator_predictions.LayerNorm',
  decoder: 'generator_lm_head',
  decoderBias: 'generator_lm_head.bias',
};

const config = bertConfig.safeExtend(
  sizeDefaults({ embedding_size: 128, hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024 }),
);

export const electra = family({
  type: 'electra',
  architectures: ['ElectraForMaskedLM'],
  special: { mask: '[MASK]', unknown: '[UNK]' },
  prefix: 'electra.',
  layout: 'out-in',
  value: names.output,
  config,
  sizes: bertSizes,
  plan(config, parts) {
    const { embedding_size: embedding, hidden_size: hidden } = config;
    const projectIn = embedding === hidden ? undefined : 'electra.embeddings_project';
    const like = { ...bertEncoder(config), embedding, headActivation: 'gelu' } as const;
    return planBertLike(like, { ...names, projectIn }, parts);
  },
});
