// What is to be done with one fact, and under which name what comes of it is kept.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SetItem } from '../sets/set.js';
import { CHOSEN_BY, SWEEP_OPERATIONS } from '../spec/choices.js';
import { factSchema, type Operation, operationSchema, probeSchema } from '../spec/edit-file.js';
import { settingsSchema } from '../spec/settings.js';
import { COMPUTATION } from './result.js';

/** What a sweep does, whichever the fact. */
export const taskSchema = z.strictObject({
  do: z.enum(SWEEP_OPERATIONS),
  /** By what the neurons are chosen that are changed. */
  by: z.enum(CHOSEN_BY),
  settings: settingsSchema,
  /** Random draws of a control. */
  seeds: z.number().int().positive(),
  /** Every score is kept, not only the large ones. */
  full: z.boolean(),
  /** Fingerprint of the model with its applied edits, and of the facts that it is known to hold. */
  state: z.string(),
  background: z.string(),
});

export type SweepTask = z.infer<typeof taskSchema>;

const probes = z.array(probeSchema);

export const jobSchema = z.strictObject({
  key: z.string(),
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
});

export type SweepJob = z.infer<typeof jobSchema>;

/** @param operation what is done with the fact; null where it is located and nothing else */
export function jobOf(
  { id, fact, probes }: Pick<SetItem, 'id' | 'fact' | 'probes'>,
  place: number,
  task: SweepTask,
  operation: Operation | null,
  control: boolean,
): SweepJob {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([COMPUTATION, task, id, fact, probes, operation, control]));
  return { key: hash.digest('hex').slice(0, 32), place, id, fact, probes, operation, control };
}
