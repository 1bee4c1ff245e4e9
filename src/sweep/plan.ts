// The plan of a sweep: its jobs, in groups of facts that are computed together.

import { isLarge } from '../engine/pool/attributions.js';
import { draw, seeded } from '../random.js';
import type { Context } from '../session/context.js';
import type { SweepOperation } from '../spec/choices.js';
import { type Operation, operationSchema, withMethod } from '../spec/edit-file.js';
import { validate } from '../spec/json.js';
import { jobOf, type SweepJob, type SweepTask } from './job.js';
import type { Shard } from './manifest.js';
import type { OperationOptions } from './options.js';
import { newAnswer, objectsOf, type Placed } from './select.js';

/** Facts of a group: their prompts fill batches, and an interruption loses little. Of a large model each prompt is a batch. */
const GROUP = { small: 16, large: 4 };

/** Stands for the new answer of a rewrite, which is each fact's own. */
const EACH = '?';

/**
 * What is done with every fact, with its method named; null for locating.
 * @throws InputError when the options do not go with it
 */
export function operationOf(
  what: SweepOperation,
  options: OperationOptions,
  causal: boolean,
): Operation | null {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (what === 'locate') return null;
  const type = what === 'edit' ? { type: 'rewrite', to: EACH } : { type: what };
  const value = what === 'erase' ? { value: 'zero' } : {};
  const operation = validate(`--do ${what}`, { ...type, ...value, ...given }, operationSchema);
  return withMethod({ operation }, causal).operation;
}

/** The jobs of some facts, group by group. @param controls of how many facts random neurons are measured, too */
export function planJobs(
  { model }: Context,
  all: readonly Placed[],
  chosen: readonly Placed[],
  task: SweepTask,
  operation: Operation | null,
  { controls, seed, shard }: { controls: number | null; seed: number; shard: Shard | null },
): SweepJob[][] {
  const objects = objectsOf(all);
  const controlled = new Set(draw(chosen, controls ?? chosen.length, seeded(seed)));
  let before: string | undefined;
  const jobs = chosen.map((one): SweepJob => {
    const { item, place } = one;
    const own =
      operation?.type === 'rewrite'
        ? { ...operation, to: newAnswer(item, objects.get(item.fact.relation) ?? [], seed) }
        : operation;
    const job = jobOf(item, place, task, own, operation !== null && controlled.has(one), before);
    if (task.sequential) before = job.key;
    return job;
  });
  const size = task.sequential ? 1 : isLarge(model) ? GROUP.large : GROUP.small;
  // By its place in the set, a fact is of the same shard whatever a machine finds out about others.
  const own = shard
    ? jobs.filter(({ place }) => Math.floor(place / size) % shard.of === shard.index - 1)
    : jobs;
  return Array.from({ length: Math.ceil(own.length / size) }, (_, i) => own.slice(i * size, (i + 1) * size));
}
