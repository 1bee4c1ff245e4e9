// RoBERTa (Liu et al. 2019) and XLM-R (Conneau et al. 2020): BERT whose positions are counted from behind the padding's.
import type { z } from 'zod';
import type { Parts } from '../parts.js';
import { bertBody, bertConfig, bertEncoder, bertSizes } from './bert.js';
import { type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { sizeDefaults } from './fields.js';

const names: BertLikeNames = {
  ...bertBody('roberta'),
  transform: 'lm_head.dense',
  transformNorm: 'lm_head.layer_norm',
  decoder: 'lm_head.decoder',
  decoderBias: 'lm_head.bias',
};

type Config = z.infer<typeof bertConfig>;

const robertaConfig = bertConfig.safeExtend(sizeDefaults({ vocab_size: 50_265 }));

/** A token's position is the number of the padding token, plus one, plus the tokens before it. */
const firstPosition = (config: Config) => (config.pad_token_id ?? 1) + 1;

const shared = {
  special: { mask: '<mask>', unknown: '<unk>' },
  prefix: 'roberta.',
  layout: 'out-in',
  value: names.output,
  sizes: (config: Config) => bertSizes(config, firstPosition(config)),
  plan: (config: Config, parts: Parts) =>
    planBertLike(bertEncoder(config, firstPosition(config)), names, parts),
} as const;

export const roberta = family({
  ...shared,
  type: 'roberta',
  architectures: ['RobertaForMaskedLM'],
  config: robertaConfig,
});

export const xlmRoberta = family({
  ...shared,
  type: 'xlm-roberta',
  architectures: ['XLMRobertaForMaskedLM'],
  config: bertConfig,
});
