// The lines of sequence.jsonl: how all edits of a sequential sweep stand after every tenth, and after the last.
import { z } from 'zod';
import { STANDINGS } from '../../probe/standing.js';

/** After how many edits all of them are asked again. */
export const EVERY = 10;

const index = z.number().int().nonnegative();

/** Means over edits, of each edit's mean over its prompts. */
const answered = z.strictObject({
  /** The new answer is on top. */
  top: z.number(),
  /** It is more probable than the old one, each by its mean per token (ROME's ES and PS). */
  success: z.number(),
  /** P(new answer). */
  prob: z.number(),
});

const asked = z.strictObject({
  edits: index,
  prompts: index,
  /** When each edit was just made, and now. */
  made: answered,
  now: answered,
});

/** A line of sequence.jsonl. */
export const checkSchema = z.strictObject({
  /** How many edits the model has. */
  edits: index,
  /** The last one's place in the set. */
  place: index,
  /** Edits by how they stand; of a fact that was edited again, the last one. */
  standings: z.record(z.enum(STANDINGS), index),
  target: asked,
  /** Null where no edit has further wordings. */
  paraphrase: asked.nullable(),
  /** Neighbourhood prompts of all edits, each once, without those of edited facts: whose top answer is as it was before the first edit. */
  neighborhood: z.strictObject({ prompts: index, same: z.number() }).nullable(),
  /** On ordinary text, before the first edit and now; null where the background has none. */
  perplexity: z.strictObject({ before: z.number(), after: z.number(), tokens: index }).nullable(),
  /** From the base, on facts of its fact base: share of other top answers, and KL divergence in nats. */
  drift: z.strictObject({ probes: index, flips: z.number(), kl: z.number() }).nullable(),
});

export type Answered = z.infer<typeof answered>;
export type SequenceCheck = z.infer<typeof checkSchema>;
