// Suite files: prompts with the answers that a model must keep, for regression checks.
import { z } from 'zod';
import { probability, targetSchema, text } from './edit-file.js';
import { readJson } from './json.js';

/** What may change before a check fails. */
const tolerance = z.strictObject({
  /** `expected`: the top answer must be the expected one. */
  top1: z.enum(['expected', 'any']).optional(),
  /** The most that P(expected) may lose, from what was recorded or from the base. */
  maxProbabilityDrop: probability.optional(),
  /** The largest KL divergence from the base's answers, in nats. */
  maxKl: z.number().nonnegative().optional(),
});

export type SuiteTolerance = z.infer<typeof tolerance>;

export const suiteSchema = z.strictObject({
  name: text,
  model: text.optional(),
  tolerance: tolerance.default({ top1: 'expected' }),
  probes: z
    .array(
      z.strictObject({
        prompt: text,
        /** The answer; the base model's own when it is left out. */
        expect: targetSchema.optional(),
        /** Its recorded probability. */
        prob: probability.optional(),
        /** Overrides the suite's, field by field. */
        tolerance: tolerance.optional(),
      }),
    )
    .min(1, 'must hold at least one probe')
    .max(100_000),
});

export type Suite = z.infer<typeof suiteSchema>;

/** Reads a suite file. @throws InputError that names the file, the field and the fix */
export function readSuite(path: string): Suite {
  return readJson(path, suiteSchema);
}
