// What is to be done with one fact, and under which name what comes of it is kept.
import { z } from 'zod';
import { hashOf } from '../hash.js';
import type { SetItem } from '../sets/set.js';
import { CHOSEN_BY, SWEEP_OPERATIONS } from '../spec/choices.js';
import {
  factSchema,
  isSolved,
  needsLocating,
  type Operation,
  operationSchema,
  probeSchema,
} from '../spec/edit-file.js';
import { settingsSchema } from '../spec/settings.js';
import { COMPUTATION, knownSchema } from './result.js';

/** Random draws of a control. */
export const SEEDS = 5;
/** Tokens of text for one fact; over many facts few say as much as all. */
export const TEXT = 500;

/** What a sweep does, whichever the fact. */
export const taskSchema = z.strictObject({
  do: z.enum(SWEEP_OPERATIONS),
  /** By what the neurons are chosen that are changed. */
  by: z.enum(CHOSEN_BY),
  settings: settingsSchema,
  /** Random draws of a control. */
  seeds: z.number().int().positive(),
  /** Tokens of ordinary text on which perplexity is measured. */
  text: z.number().int().positive(),
  /** Every score is kept, not only the large ones. */
  full: z.boolean(),
  /** Each edit is made in the model that those before it left, and stays. Absent otherwise, so that keys stay as they were. */
  sequential: z.literal(true).optional(),
  /** Fingerprint of the model with its applied edits, and of the facts that it is known to hold. */
  state: z.string(),
  background: z.string(),
});

export type SweepTask = z.infer<typeof taskSchema>;

const probes = z.array(probeSchema);

export const jobSchema = z.strictObject({
  key: z.string(),
  /** Key of the job that locates the fact, if what that finds is all that the operation takes from locating. */
  locating: z.string().optional(),
  /** In the set, from 0. */
  place: z.number().int().nonnegative(),
  id: z.string(),
  fact: factSchema,
  probes: z.strictObject({
    paraphrase: probes,
    neighborhood: probes,
    unrelated: probes,
    portability: probes,
  }),
  /** Null where the fact is located and nothing else. */
  operation: operationSchema.nullable(),
  /** Whether random neurons are measured beside the edit. */
  control: z.boolean(),
  /** What was found under it, if that was done. */
  located: knownSchema.optional(),
});

export type SweepJob = z.infer<typeof jobSchema>;

/**
 * @param operation what is done with the fact; null where it is located and nothing else
 * @param before key of the job in whose state it is done, of a sequential sweep
 */
export function jobOf(
  { id, fact, probes }: Pick<SetItem, 'id' | 'fact' | 'probes'>,
  place: number,
  task: SweepTask,
  operation: Operation | null,
  control: boolean,
  before?: string,
): SweepJob {
  const keyOf = (...rest: unknown[]) => hashOf([...rest, id, fact, probes], 32);
  const { by: _, text: __, ...located } = task; // what is found does not depend on them
  const locating = keyOf(COMPUTATION.locate, { ...located, do: 'locate', seeds: SEEDS });
  if (!operation) return { key: locating, place, id, fact, probes, operation, control };
  const key = keyOf(COMPUTATION.edit, task, operation, control, ...(before === undefined ? [] : [before]));
  // A solved rewrite chooses by scores that are not kept; upon other edits it lies elsewhere.
  const sufficient = !task.sequential && needsLocating({ operation }) && !isSolved({ operation });
  return { key, ...(sufficient && { locating }), place, id, fact, probes, operation, control };
}
