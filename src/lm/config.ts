// config.json of a checkpoint: which family it is of, and what that makes of it.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { type JsonSource, pathOf, readJson } from '../spec/json.js';
import type { Design, Family } from './families/family.js';
import { familyOf } from './families/index.js';
import type { PlainType } from './plain-types.js';

const kind = z.looseObject({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  /** The type of the weights; transformers 5 calls it `dtype`. */
  torch_dtype: z.string().nullish(),
  dtype: z.string().nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
});

/**
 * Reads and validates `config.json`.
 * @throws InputError that names the file and the field; for an unsupported family, also what is supported; for quantized
 *   weights, how
 */
export function readConfig(source: JsonSource): { family: Family; design: Design } {
  const json = readJson(source, kind);
  const path = pathOf(source);
  const family = familyOf(path, json);
  if (json.quantization_config) {
    const { quant_method: method } = json.quantization_config;
    const how = method === undefined ? '' : ` (${method})`;
    throw new InputError(
      `${path}: quantization_config: quantized weights${how} are not supported; take the model that they were made of`,
    );
  }
  return { family, design: family.read(source) };
}

const TYPES: Readonly<Record<string, PlainType>> = { float16: 'F16', bfloat16: 'BF16' };

/** The type that weights are said to be stored in; F32 unless another one is named. @throws InputError when it is no JSON */
export function dtypeIn(source: JsonSource): PlainType {
  const { dtype, torch_dtype: older } = readJson(source, kind);
  return TYPES[dtype ?? older ?? ''] ?? 'F32';
}
