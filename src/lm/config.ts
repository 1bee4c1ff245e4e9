// config.json of a checkpoint directory, validated into what the code needs.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readJson, validate } from '../spec/json.js';

const size = z.number().int().positive().max(10_000_000);

/** The families that can be loaded, by `model_type`, each with the fields that it needs. */
const bert = z.object({
  model_type: z.literal('bert'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size,
  hidden_act: z.literal('gelu', { error: 'only "gelu" (the erf form) is supported' }),
  layer_norm_eps: z.number().positive(),
  position_embedding_type: z.literal('absolute', { error: 'only "absolute" is supported' }).optional(),
  is_decoder: z.literal(false, { error: 'a decoder is not a masked language model' }).optional(),
});

export type BertConfig = z.infer<typeof bert>;

export const SUPPORTED_FAMILIES = ['bert'];

/**
 * Reads and validates `config.json`.
 * @throws InputError that names the file and the field; for an unsupported `model_type`, also what is supported.
 */
export function readConfig(path: string): BertConfig {
  const json = readJson(path, z.looseObject({ model_type: z.string() }));
  if (!SUPPORTED_FAMILIES.includes(json.model_type)) {
    throw new InputError(
      `${path}: model_type "${json.model_type}" is not supported; supported: ${SUPPORTED_FAMILIES.join(', ')}`,
    );
  }
  const config = validate(path, json, bert);
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw new InputError(`${path}: hidden_size is not a multiple of num_attention_heads`);
  }
  return config;
}
