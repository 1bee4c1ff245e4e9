// The special tokens that the post-processor of tokenizer.json puts around a text.
import { z } from 'zod';

/** Texts of special tokens. */
export interface SpecialsAround {
  before: string[];
  after: string[];
}

const special = z.object({ SpecialToken: z.object({ id: z.string() }) });
const pair = z.tuple([z.string(), z.number()]);
const sequence = z.object({ type: z.literal('Sequence'), processors: z.array(z.unknown()) });
const template = z.object({ type: z.literal('TemplateProcessing'), single: z.array(z.unknown()) });
const fixed = z.object({ type: z.enum(['BertProcessing', 'RobertaProcessing']), cls: pair, sep: pair });

/** What a post-processor puts around a text; nothing where it is of a kind that puts nothing. */
export function specialsAround(given: unknown): SpecialsAround {
  const { processors } = sequence.safeParse(given).data ?? { processors: [given] };
  const each = processors.map(ofOne); // each puts its own around what those before it made
  return {
    before: each.toReversed().flatMap(({ before }) => before),
    after: each.flatMap(({ after }) => after),
  };
}

function ofOne(given: unknown): SpecialsAround {
  const nothing = { before: [], after: [] };
  const { data } = z.union([template, fixed]).safeParse(given);
  if (!data) return nothing;
  if (data.type !== 'TemplateProcessing') return { before: [data.cls[0]], after: [data.sep[0]] };
  const tokens = data.single.map((one) => special.safeParse(one).data?.SpecialToken.id);
  const known = (some: typeof tokens) => some.filter((one) => one !== undefined);
  const text = tokens.indexOf(undefined);
  if (text < 0) return nothing; // it has no place for a text
  return { before: known(tokens.slice(0, text)), after: known(tokens.slice(text)) };
}

/** A post-processor that puts some special tokens before a text, and nothing behind it. */
export function onlyBefore(tokens: readonly string[]): object {
  const specials = tokens.map((id) => ({ SpecialToken: { id, type_id: 0 } }));
  const single = [...specials, { Sequence: { id: 'A', type_id: 0 } }];
  return { type: 'TemplateProcessing', single, pair: single, special_tokens: {} };
}
