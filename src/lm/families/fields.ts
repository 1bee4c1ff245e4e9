// Fields that config.json has in several families. Those that it leaves out are what the library takes then: files in the
// wild lean on that.
import { z } from 'zod';
import type { Sizes } from '../model-info.js';

export const size = z.number().int().positive().max(10_000_000);

/** Sizes that a family's configuration leaves out where they are these. */
export function sizeDefaults<K extends string>(
  defaults: Record<K, number>,
): Record<K, z.ZodDefault<typeof size>> {
  const fields = Object.entries<number>(defaults).map(([field, value]) => [field, size.default(value)]);
  return Object.fromEntries(fields) as Record<K, z.ZodDefault<typeof size>>; // the keys are those given
}

/** The sizes of a model, by the names that most families have for them. */
export function usualSizes(config: {
  num_hidden_layers: number;
  intermediate_size: number;
  hidden_size: number;
  vocab_size: number;
  max_position_embeddings: number;
}): Sizes {
  return {
    layers: config.num_hidden_layers,
    neurons: config.intermediate_size,
    hidden: config.hidden_size,
    vocabulary: config.vocab_size,
    maxLength: config.max_position_embeddings,
  };
}

/** Names the parts of layers, as "BODY.LAYER.PART". @param body `model.layers`, or what a family calls it */
export function inLayers(body: string): (layer: number, part: string) => string {
  return (layer, part) => `${body}.${layer}.${part}`;
}

/** A norm's epsilon. */
export const epsilon = z.number().positive();

/** Whether the output embeddings are the word embeddings: yes unless it is denied. */
export const tied = z.boolean().default(true);

/** A switch that must be off, or left out. */
export function never(reason: string) {
  return z.literal(false, { error: reason }).optional();
}

/** A check that one size is a multiple of another, where that is given. */
export function divides<A extends string, B extends string>(whole: A, part: B) {
  return (context: z.core.ParsePayload<Record<A, number> & Partial<Record<B, number | null>>>) => {
    const { value } = context;
    const divisor: number | null | undefined = value[part];
    if (divisor && value[whole] % divisor !== 0) {
      const message = `is not a multiple of ${part}`;
      context.issues.push({ code: 'custom', path: [whole], message, input: value });
    }
  };
}
