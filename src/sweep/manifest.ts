// What a run is a run of: the set, the model, the settings, the program, and how far it has come.
import { z } from 'zod';
import { taskSchema } from './job.js';

const index = z.number().int().nonnegative();
const count = z.number().int().positive();

/** One part of several into which a set is cut. */
const shardSchema = z.strictObject({ index: count, of: count });
export type Shard = z.infer<typeof shardSchema>;

/** Which facts of the set are taken. */
const choiceSchema = z.strictObject({
  /** Whether the wordings of their relations are added to their prompts. */
  templates: z.boolean(),
  /** All relations where null. */
  relations: z.array(z.string()).nullable(),
  /** Only those that the model answers. */
  known: z.boolean(),
  /** At most so many: the first ones, or with a seed some drawn at random. */
  limit: count.nullable(),
  seed: z.number().int().nullable(),
});
export type Choice = z.infer<typeof choiceSchema>;

/** Jobs by what has become of them. */
const countsSchema = z.strictObject({ waiting: index, done: index, failed: index });
export type Counts = z.infer<typeof countsSchema>;

const reasons = z.array(z.strictObject({ reason: z.string(), count }));

/** manifest.json */
export const manifestSchema = z.strictObject({
  /** Version of kn-edit, node, engine and model. */
  versions: z.record(z.string(), z.string()),
  /** The arguments that the program was started with; empty where a program used the library. */
  command: z.array(z.string()),
  set: z.strictObject({ path: z.string(), format: z.string(), records: index, sha256: z.string() }),
  model: z.strictObject({
    name: z.string(),
    family: z.string(),
    fingerprint: z.string(),
    causal: z.boolean(),
    layers: count,
    neurons: count,
    hidden: count,
  }),
  task: taskSchema,
  /** What is done besides locating, with the method named; of a rewrite, the new answer is each fact's own. */
  operation: z.record(z.string(), z.unknown()).nullable(),
  choice: choiceSchema,
  /** How many facts that takes of the whole set, and a hash of their places. */
  chosen: z.strictObject({ facts: index, sha256: z.string() }),
  /** Facts of which random neurons are measured, too; all where null. */
  controls: index.nullable(),
  shard: shardSchema.nullable(),
  /** Facts that this model cannot be asked, by reason. */
  leftOut: reasons,
  /** Prompts, probes and settings of the other facts that are not used, by reason. */
  partsLeftOut: reasons,
  counts: countsSchema,
  startedAt: z.string(),
  endedAt: z.string().nullable(),
});

export type Manifest = z.infer<typeof manifestSchema>;
