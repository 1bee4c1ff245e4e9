// Fields that config.json has in several families. Those that it leaves out are what the library takes then: files in the
// wild lean on that.
import { z } from 'zod';

export const size = z.number().int().positive().max(10_000_000);

/** A layer normalisation's epsilon. */
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
