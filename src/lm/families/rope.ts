// Rotary positions as config.json describes them, in the spelling of transformers 5 (`rope_parameters`) and in the older
// one (`rope_theta`, `rope_scaling`) that most published files have; and the frequencies that they come to.
import { z } from 'zod';
import type { LayerType } from './layer-types.js';

const positive = z.number().positive();

/** Scalings whose formulas are known here; all others are refused by their names. */
const TYPES = ['default', 'linear', 'llama3', 'factors'] as const;

/** One description; in older files `type` is `rope_type`. */
const fields = z.looseObject({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: positive.optional(),
  partial_rotary_factor: positive.max(1).optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: positive.optional(),
  /** One divisor per frequency: how GGUF files write what the scaling comes to. */
  factors: z.array(positive).optional(),
});

const description = fields.check(isKnown);

function isKnown({ value, issues }: z.core.ParsePayload<Description>): void {
  const type = typeOf(value);
  const complain = (field: string, message: string) =>
    issues.push({ code: 'custom', path: [field], message, input: value });
  if (!TYPES.some((one) => one === type)) {
    complain(
      value.rope_type ? 'rope_type' : 'type',
      `"${type}" is not supported; supported: ${TYPES.slice(0, 3).join(', ')}`,
    );
    return;
  }
  for (const field of NEEDS[type as Type]) if (value[field] === undefined) complain(field, 'is missing');
  if (value.factor !== undefined && !value.rope_type && !value.type) {
    complain('rope_type', 'is missing; factor alone does not say how positions are scaled');
  }
  const { low_freq_factor: low = 0, high_freq_factor: high = Number.POSITIVE_INFINITY } = value;
  if (type === 'llama3' && low >= high) complain('high_freq_factor', 'must exceed low_freq_factor');
}

type Type = (typeof TYPES)[number];
type Description = z.infer<typeof fields>;

const NEEDS = {
  default: [],
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
  factors: ['factors'],
} as const satisfies Record<Type, readonly string[]>;

function typeOf({ rope_type, type }: { rope_type?: string | null; type?: string | null }): string {
  return rope_type ?? type ?? 'default';
}

/** The fields of config.json. */
export const ropeFields = {
  rope_theta: positive.optional(),
  rope_scaling: description.nullish(),
  partial_rotary_factor: positive.max(1).optional(),
  /** One description, or one for each kind of layer. */
  rope_parameters: fields
    .extend({ full_attention: description.optional(), sliding_attention: description.optional() })
    .check(isKnown)
    .nullish(),
};

type RopeConfig = z.infer<z.ZodObject<typeof ropeFields>>;

export interface RopeDefaults {
  theta: number;
  /** Share of a head's dimensions that turn. */
  partial?: number;
  /** Which kind of layer is meant, where the configuration tells them apart. */
  layer?: LayerType;
}

/**
 * Angles per position of a head's pairs [r/2], r the number of its dimensions that turn (FAMILIES: "Rotary").
 * @param width D of a head
 */
export function frequencies(
  config: RopeConfig,
  width: number,
  { theta, partial = 1, layer = 'full_attention' }: RopeDefaults,
): number[] {
  const parameters = config.rope_parameters ?? undefined;
  const own = parameters?.[layer] ?? parameters;
  const base = own?.rope_theta ?? config.rope_theta ?? theta;
  const share = own?.partial_rotary_factor ?? config.partial_rotary_factor ?? partial;
  const turning = 2 * Math.floor(Math.floor(width * share) / 2);
  return scaled(waves(turning, base), own ?? config.rope_scaling ?? undefined);
}

/** Angles per position of the pairs of r dimensions that turn [r/2]: theta^(-2k/r). */
export function waves(turning: number, theta: number): number[] {
  return Array.from({ length: turning / 2 }, (_, k) => theta ** ((-2 * k) / turning));
}

function scaled(plain: readonly number[], scaling: Description | undefined): number[] {
  const { factor = 1, factors = [] } = scaling ?? {};
  switch (scaling && typeOf(scaling)) {
    case 'linear':
      return plain.map((f) => f / factor);
    case 'factors':
      return plain.map((f, k) => f / (factors[k] ?? 1));
    case 'llama3':
      return plain.map((f) => llama3(f, scaling ?? {}));
    default:
      return [...plain];
  }
}

/** Long waves are stretched, short ones stay, those between go from one to the other (Llama 3.1). */
function llama3(f: number, { factor = 1, ...rest }: Partial<Description>): number {
  const {
    low_freq_factor: low = 1,
    high_freq_factor: high = 1,
    original_max_position_embeddings: old = 1,
  } = rest;
  const wave = (2 * Math.PI) / f;
  if (wave > old / low) return f / factor;
  if (wave < old / high) return f;
  const share = (old / wave - low) / (high - low);
  return ((1 - share) * f) / factor + share * f;
}
