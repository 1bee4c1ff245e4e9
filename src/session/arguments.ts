// What callers of the library pass, checked at the border: a program in JavaScript, or a slip in TypeScript, can pass
// anything, and what is taken for something else could change more than was meant.
import { z } from 'zod';
import type { BackgroundFiles } from '../background/info.js';
import { InputError } from '../errors.js';
import { itemSchema } from '../sets/formats/kn-edit.js';
import type { SetItem } from '../sets/set.js';
import { CHOSEN_BY, ENGINE_CHOICES, SWEEP_OPERATIONS, SWEPT } from '../spec/choices.js';
import { editSchema, eraseSchema, factSchema, targetSchema, text } from '../spec/edit-file.js';
import { validate } from '../spec/json.js';
import { template } from '../spec/relations.js';
import { locateSchema } from '../spec/settings.js';
import { suiteSchema } from '../spec/suite-file.js';
import type { RunAbout } from '../sweep/map.js';
import type { OperationOptions, SweepOptions, SweepSource } from '../sweep/options.js';
import type { RelationsOptions } from '../sweep/relations/relations.js';
import type { SetOptions } from './apply-set.js';
import type { Control } from './context.js';
import type { EraseOptions } from './erase.js';
import type { ApplyOptions } from './evaluate.js';
import type { ExportOptions } from './export.js';
import type { NeuronOptions } from './neuron.js';
import type { MapOptions } from './neuron-map.js';
import type { NewFactOptions } from './new-fact.js';
import type { PatchOptions } from './patch.js';
import type { RestackOptions } from './restack.js';

const count = z.number().int().positive();
const index = z.number().int().nonnegative();
const neuron = z.looseObject({ layer: index, neuron: index });
const flag = z.boolean().optional();
const callback = z.custom((value) => typeof value === 'function', 'must be a function').optional();
const filePath = z.string().min(1, 'must not be empty');
/** What the session made, and gets back. */
const made = z.custom(
  (value) => typeof value === 'object' && value !== null,
  'must be what the session gave',
);

/** How an edit is held against others, and what it is refused for. */
const judging = {
  allowRegressions: flag,
  control: z.enum(['random', 'layer', 'none']).optional(),
  seeds: count.max(100).optional(),
  driftLimit: z.number().min(0).max(1).optional(),
  perplexityLimit: z.number().nonnegative().optional(),
};

/** What the session's methods, and the functions beside it, take. */
export const takes = {
  session: z.looseObject({
    model: z.string().optional(),
    db: z.string().optional(),
    engine: z.enum(ENGINE_CHOICES).optional(),
    workers: count.optional(),
    base: flag,
    locate: locateSchema.optional(),
  }),
  control: z.looseObject({
    signal: z.instanceof(AbortSignal, { error: 'must be an AbortSignal' }).optional(),
    onProgress: callback,
    onMap: callback,
    onMeasured: callback,
    onNote: callback,
  } satisfies Record<keyof Control, z.ZodType>),
  prompt: text,
  target: targetSchema,
  fact: factSchema,
  /** `begun`: still being written. */
  begunFact: z.looseObject({ subject: z.string(), relation: z.string(), prompts: z.array(z.string()) }),
  wordings: z.array(z.string()),
  factNames: z.strictObject({ subject: text, relation: text, object: text }),
  newFact: z.strictObject({
    templates: z.array(template).min(1).optional(),
    all: flag,
    locate: flag,
  } satisfies Record<keyof NewFactOptions, z.ZodType>),
  edit: editSchema,
  edits: z
    .array(z.strictObject({ source: z.string().min(1), edit: editSchema }))
    .min(1, 'must hold at least one edit'),
  begunEdit: z.looseObject({
    operation: z.looseObject({ type: z.string() }),
    neurons: z.array(z.tuple([index, index])).optional(),
  }),
  locate: locateSchema,
  /** A misspelt `dryRun` would apply the edit, so unknown options are errors. */
  apply: z.strictObject({
    dryRun: flag,
    whatIf: flag,
    located: made.optional(),
    measured: made.optional(),
    doses: z.array(z.number()).max(50).optional(),
    sweep: z.strictObject({ field: z.enum(SWEPT), values: z.array(z.number()).min(1).max(50) }).optional(),
    ...judging,
    locate: locateSchema.optional(),
  } satisfies Record<keyof ApplyOptions | 'locate', z.ZodType>),
  erase: z.strictObject({
    facts: filePath.optional(),
    value: eraseSchema.shape.value.optional(),
    neurons: count.max(100_000).optional(),
    limit: count.optional(),
    seed: z.number().int().optional(),
    dryRun: flag,
    ...judging,
    locate: locateSchema.optional(),
  } satisfies Record<keyof EraseOptions | 'locate', z.ZodType>),
  applySet: z.strictObject({
    dryRun: flag,
    ...judging,
    locate: locateSchema.optional(),
  } satisfies Record<keyof SetOptions | 'locate', z.ZodType>),
  queue: text,
  seconds: z.custom<number>((value) => typeof value === 'number' && value > 0, 'must be a number above 0'),
  items: z
    .array(
      itemSchema.extend({ id: text, place: z.string() } satisfies Partial<Record<keyof SetItem, z.ZodType>>),
    )
    .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, 'must have different ids'),
  usable: z.strictObject({ edit: flag }),
  sweep: z.strictObject({
    out: filePath,
    do: z.enum(SWEEP_OPERATIONS),
    by: z.enum(CHOSEN_BY).optional(),
    operation: z
      .strictObject({
        method: text.optional(),
        neurons: count.optional(),
        layer: index.optional(),
        lambdaOld: z.number().optional(),
        lambdaNew: z.number().optional(),
        factor: z.number().optional(),
        value: text.optional(),
      } satisfies Record<keyof OperationOptions, z.ZodType>)
      .optional(),
    templates: flag,
    relations: z.array(text).optional(),
    known: flag,
    limit: count.optional(),
    seed: z.number().int().optional(),
    controls: index.optional(),
    seeds: count.max(100).optional(),
    text: count.optional(),
    full: flag,
    sequential: flag,
    retry: flag,
    shard: z
      .strictObject({ index: count, of: count })
      .refine(({ index, of }) => index <= of)
      .optional(),
    queue: text.optional(),
    source: z
      .strictObject({
        path: z.string(),
        format: z.string(),
        records: index,
        setAside: z.array(made),
        partsLeftOut: z.array(made),
      } satisfies Record<keyof SweepSource, z.ZodType>)
      .optional(),
    command: z.array(z.string()).optional(),
    locate: locateSchema.optional(),
  } satisfies Record<keyof SweepOptions, z.ZodType>),
  relations: z.strictObject({
    relations: z.array(text).optional(),
    neurons: count.max(100_000).optional(),
    value: eraseSchema.shape.value.optional(),
    control: judging.control,
    seeds: judging.seeds,
    limit: count.optional(),
    seed: z.number().int().optional(),
    sentences: filePath.optional(),
  } satisfies Record<keyof RelationsOptions, z.ZodType>),
  export: z.strictObject({ widen: flag } satisfies Record<keyof ExportOptions, z.ZodType>),
  /** A misspelt `dryRun` would take the step. */
  restack: z.strictObject({
    dryRun: flag,
    allowRegressions: flag,
  } satisfies Record<keyof RestackOptions, z.ZodType>),
  background: z.strictObject({
    facts: z.array(filePath).optional(),
    text: z.array(filePath).optional(),
  } satisfies Record<keyof BackgroundFiles, z.ZodType>),
  patch: z.strictObject({ allowRegressions: flag } satisfies Record<keyof PatchOptions, z.ZodType>),
  choice: z.union(
    [
      z.strictObject({ id: count }),
      z.strictObject({ ids: z.array(count).min(1) }),
      z.literal('last'),
      z.literal('all'),
    ],
    { error: `must be {id: N}, {ids: [N, …]}, 'last' or 'all'` },
  ),
  id: count,
  ids: z.array(count).min(1, 'must name at least one edit'),
  neuron,
  neurons: z.array(neuron),
  view: z.strictObject({
    fact: factSchema.optional(),
    edit: z.union([count, editSchema]).optional(),
    locate: locateSchema.optional(),
  } satisfies Record<keyof NeuronOptions | 'locate', z.ZodType>),
  runAbout: z.strictObject({ run: filePath, relation: text.optional() } satisfies Record<
    keyof RunAbout,
    z.ZodType
  >),
  neuronMap: z.strictObject({
    neurons: count.max(200).optional(),
    limit: count.optional(),
    locate: locateSchema.optional(),
  } satisfies Record<keyof MapOptions | 'locate', z.ZodType>),
  suite: suiteSchema,
  made,
  count,
  bytes: index,
  seed: z.number().int(),
  relation: text,
  name: z.string(),
  path: filePath,
};

/** An argument, checked, with the defaults in place. @throws InputError that names it, and what is wrong with it */
export function argument<T extends z.ZodType>(name: string, value: unknown, schema: T): z.output<T> {
  try {
    return validate(name, value, schema);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message.slice(name.length + 2), name);
  }
}
