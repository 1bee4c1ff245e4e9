// The pre-tokenizer `Digits` of tokenizer.json in other words: the library that reads it takes only ASCII's for digits,
// the original takes every numeric character (\p{N}).
import { z } from 'zod';

const digits = z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) });
const sequence = z.looseObject({ type: z.literal('Sequence'), pretokenizers: z.array(z.unknown()) });

/** A pre-tokenizer that cuts digits from the rest, each or all that stand together. */
export function splitDigits(individually: boolean): object {
  const pattern = { Regex: individually ? '\\p{N}' : '\\p{N}+' };
  return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
}

/** A pre-tokenizer with every `Digits` in it put in other words; others as they are. */
export function withAllDigits(given: unknown): unknown {
  const own = digits.safeParse(given).data;
  if (own) return splitDigits(own.individual_digits);
  const several = sequence.safeParse(given).data;
  return several ? { ...several, pretokenizers: several.pretokenizers.map(withAllDigits) } : given;
}
