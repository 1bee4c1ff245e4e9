// DeBERTa v2 and v3 (He et al. 2021, 2023): BERT whose attention goes by how far rows are apart.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { RelativePositions } from '../layers/relative-positions.js';
import { Table } from '../layers/table.js';
import type { Parts } from '../parts.js';
import { bertBody, bertEncoder, bertHead, bertSizes } from './bert.js';
import { type BertLikeNames, planBertLike } from './bert-like.js';
import { family } from './family.js';
import { divides, epsilon, size, sizeDefaults, tied } from './fields.js';

const term = z.enum(['c2p', 'p2c'], { error: 'only "c2p" and "p2c" are supported' });

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 128_100,
      hidden_size: 1536,
      num_hidden_layers: 24,
      num_attention_heads: 24,
      intermediate_size: 6144,
      max_position_embeddings: 512,
    }),
    hidden_act: z.enum(ACTIVATIONS).default('gelu'),
    type_vocab_size: size.or(z.literal(0)).default(0),
    layer_norm_eps: epsilon.default(1e-7),
    /** Whether there are learned positions besides. */
    position_biased_input: z.boolean().default(true),
    relative_attention: z.literal(true, { error: 'only true is supported' }),
    position_buckets: size,
    /** As many as positions where it is not positive. */
    max_relative_positions: z.number().int().default(-1),
    /** In published files one text, "p2c|c2p". */
    pos_att_type: z.preprocess(
      (value) => (typeof value === 'string' ? value.split('|').map((one) => one.trim()) : value),
      z.array(term).min(1),
    ),
    share_att_key: z.literal(true, {
      error: 'only true is supported (pos_key_proj, pos_query_proj are not)',
    }),
    norm_rel_ebd: z.literal('layer_norm', { error: 'only "layer_norm" is supported' }),
    conv_kernel_size: z.literal(0, { error: 'a convolution layer is not supported' }).optional(),
    attention_head_size: size.optional(),
    embedding_size: size.optional(),
    tie_word_embeddings: tied,
  })
  .check(divides('hidden_size', 'num_attention_heads'), ({ value, issues }) => {
    const { hidden_size, num_attention_heads, attention_head_size, embedding_size } = value;
    const expect = (field: string, found: number | undefined, wanted: number) => {
      if (found === undefined || found === wanted) return;
      issues.push({
        code: 'custom',
        path: [field],
        message: `only ${wanted} is supported here`,
        input: value,
      });
    };
    expect('attention_head_size', attention_head_size, hidden_size / num_attention_heads);
    expect('embedding_size', embedding_size, hidden_size);
  });

const part = (name: string) => (layer: number) => `deberta.encoder.layer.${layer}.attention.self.${name}`;

const { positions, types, ...body } = bertBody('deberta');

function namesOf(config: z.infer<typeof schema>): BertLikeNames {
  return {
    ...body,
    ...bertHead,
    query: part('query_proj'),
    key: part('key_proj'),
    value: part('value_proj'),
    positions: config.position_biased_input ? positions : undefined,
    types: config.type_vocab_size > 0 ? types : undefined,
  };
}

function planRelative(config: z.infer<typeof schema>, parts: Parts): () => RelativePositions {
  const { position_buckets: buckets, max_relative_positions: most, hidden_size: hidden } = config;
  const table = parts.matrix('deberta.encoder.rel_embeddings.weight', [2 * buckets, hidden]);
  const norm = parts.layerNorm('deberta.encoder.LayerNorm', hidden, config.layer_norm_eps);
  const furthest = most > 0 ? most : config.max_position_embeddings;
  return () =>
    new RelativePositions(new Table(table()), norm(), { buckets, furthest, terms: config.pos_att_type });
}

export const deberta = family({
  type: 'deberta-v2',
  architectures: ['DebertaV2ForMaskedLM'],
  special: { mask: '[MASK]', unknown: '[UNK]' },
  prefix: 'deberta.',
  /** Published files of version 3 call the head otherwise than the library does. */
  otherwise: (name) => name.replace(/^cls\.predictions\.(transform\.)?/, 'lm_predictions.lm_head.'),
  layout: 'out-in',
  value: body.output,
  config: schema,
  sizes: bertSizes,
  plan(config, parts) {
    const { hidden_size: hidden, num_attention_heads: heads } = config;
    const terms = new Set(config.pos_att_type).size;
    const like = {
      ...bertEncoder(config),
      relative: planRelative(config, parts),
      scale: 1 / Math.sqrt(((1 + terms) * hidden) / heads),
    };
    return planBertLike(like, namesOf(config), parts);
  },
});
