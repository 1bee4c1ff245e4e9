// Suite files: prompts with the answers that a model must keep, for regression checks.
import { z } from 'zod';
import { about, probability, targetSchema, text } from './edit-file.js';
import { parseJson, validate } from './json.js';
import { fileSource, type Source } from './source.js';

/** What may change before a check fails. */
const tolerance = z.strictObject({
  /** `expected`: the top answer must be the expected one. */
  top1: z.enum(['expected', 'any']).optional(),
  /** The most that P(expected) may lose, from what was recorded or from the base. */
  maxProbabilityDrop: probability.optional(),
  /** The largest KL divergence from the base's answers, in nats. */
  maxKl: z.number().nonnegative().optional(),
});

export const suiteSchema = z.strictObject({
  ...about,
  name: text,
  /** Name of the model that the suite was written for; another one is refused unless it was asked for by name. */
  model: text.optional(),
  /** Fingerprint of that model; where it is given, it decides instead of the name. */
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional(),
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
  return parseSuite(fileSource(path));
}

/** The suite in a file that was opened. @throws InputError that names the field and the fix */
export function parseSuite({ name, text }: Source): Suite {
  return validate(name, parseJson(name, text), suiteSchema);
}
