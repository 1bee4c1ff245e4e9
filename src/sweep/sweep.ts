// A sweep: every fact of a set located, or edited and measured, in a run directory in which nothing is done twice.
import { z } from 'zod';
import { InputError, InterruptedError } from '../errors.js';
import { isPresent } from '../files.js';
import { hashOf } from '../hash.js';
import { once } from '../once.js';
import { enumerated, plural } from '../report/numbers.js';
import { type BackgroundFact, refinedBackground } from '../session/background.js';
import type { Context } from '../session/context.js';
import { lackingWarning } from '../session/fact-warnings.js';
import { versions } from '../session/versions.js';
import { countReasons, type ReasonCount } from '../sets/reasons.js';
import type { SetItem } from '../sets/set.js';
import { withTemplates } from '../sets/templates.js';
import { usableFor } from '../sets/usable.js';
import type { SweepOperation } from '../spec/choices.js';
import type { Operation } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import type { Workshop } from './compute.js';
import { expectFitting, expectLayers, expectLocating } from './goes-with.js';
import { SEEDS, type SweepTask, TEXT } from './job.js';
import type { Manifest } from './manifest.js';
import type { SweepOptions, SweepSummary } from './options.js';
import { operationOf, planJobs } from './plan.js';
import {
  discardRun,
  filesOf,
  makeRunDirectory,
  shardDirectory,
  withdrawManifest,
  writeRun,
} from './run-directory.js';
import { RunFile } from './run-file.js';
import { ofRelations, type Placed, select } from './select.js';
import { Sequence } from './sequence/sequence.js';
import { work } from './work.js';

/**
 * Does what is missing of a sweep. @internal
 * @throws InputError when the options do not fit set or model, or the run cannot be written; ConflictError when another sweep
 *   is at work there; InterruptedError, after which the same call goes on
 */
export async function sweep(
  context: Context,
  items: readonly SetItem[],
  options: SweepOptions,
  settings: LocateSettings,
): Promise<SweepSummary> {
  const start = performance.now();
  const { model } = context;
  const directory = options.shard ? shardDirectory(options.out, options.shard) : options.out;
  expectFitting(options);
  const operation = operationOf(options.do, options.operation ?? {}, model.causal);
  expectLocating(options, operation);
  expectLayers(context, operation);
  makeRunDirectory(directory);
  const isNew = !isPresent(filesOf(directory).run);
  const run = RunFile.open(filesOf(directory).run);
  let planned = false;
  try {
    const task: SweepTask = {
      do: options.do,
      by: options.by ?? 'attribution',
      settings,
      seeds: options.seeds ?? SEEDS,
      text: options.text ?? TEXT,
      full: options.full ?? false,
      state: context.state,
      background: hashOf(context.facts),
      ...(options.sequential && { sequential: true }),
    };
    const {
      templates = false,
      relations = null,
      known = false,
      limit = null,
      seed = null,
      controls = null,
      shard = null,
    } = options;
    const choice = { templates, relations, known, limit, seed };
    const { usable, leftOut, partsLeftOut } = await usableAmong(context, items, options);
    const own = await withKnown(run, context.state, (answers) => select(context, usable, choice, answers));
    const { chosen, unused } = templates
      ? await withWordings(context, own, options.do)
      : { chosen: own, unused: [] };
    if (chosen.length === 0) throw nothingToDo(usable.length, leftOut, choice);
    const jobs = planJobs(context, usable, chosen, task, operation, { controls, seed: seed ?? 1, shard });
    withdrawManifest(directory);
    const gone = run.plan(task, jobs, options.retry ?? false);
    planned = true;
    tellOf(context, options, jobs.flat().length, gone);
    const { path = '', format = '', records = items.length } = options.source ?? {};
    const manifest: Manifest = {
      versions: versions(context),
      command: options.command ?? [],
      set: { path, format, records, sha256: hashOf(items) },
      model: modelOf(context),
      task,
      operation: operation && sharedPart(operation),
      choice,
      chosen: { facts: chosen.length, sha256: hashOf(chosen.map(({ place }) => place)) },
      controls,
      shard,
      leftOut,
      partsLeftOut: [...partsLeftOut, ...unused],
      counts: run.counts(),
      startedAt: new Date().toISOString(),
      endedAt: null,
    };
    writeRun(directory, run, manifest);
    const computed = await computeMissing(context, run, task, options.queue).catch((error: unknown) => {
      if (!(error instanceof InterruptedError)) throw error;
      writeRun(directory, run, manifest);
      const { done, failed, waiting } = run.counts();
      throw new InterruptedError(
        `interrupted; ${done} of ${done + failed + waiting} facts are done, and the same command goes on from there`,
      );
    });
    writeRun(directory, run, { ...manifest, endedAt: new Date().toISOString() });
    return {
      out: directory,
      counts: run.counts(),
      computed,
      leftOut,
      shard,
      seconds: (performance.now() - start) / 1000,
    };
  } catch (error) {
    run.close();
    // What was found out before an interruption is kept.
    if (isNew && !planned && error instanceof InputError) discardRun(directory);
    throw error;
  } finally {
    run.close();
  }
}

/** That no fact is left. */
function nothingToDo(
  usable: number,
  leftOut: Manifest['leftOut'],
  { known, relations }: Manifest['choice'],
): InputError {
  if (usable > 0 && known)
    return new InputError(`the model answers none of ${plural(usable, 'fact')}`, '--known');
  const why = leftOut.map(({ reason, count }) => `${count}: ${reason}`).join('; ');
  const where = relations ? ` of ${enumerated(relations)}` : '';
  return new InputError(`no fact${where} in the set can be used with this model${why && ` (${why})`}`);
}

/** Tells what is easily overlooked of a plan. @param gone facts that were done and are not asked for any more */
function tellOf(context: Context, { do: what, out, shard }: SweepOptions, facts: number, gone: number): void {
  const lacking = lackingWarning(context.facts);
  if (lacking) context.note(lacking);
  if (shard && facts === 0) {
    const name = `shard ${shard.index} of ${shard.of}`;
    context.note(`${name} has no fact: they go to shards in groups, by their place in the set`);
  }
  if (gone === 0) return;
  context.note(
    `${out}: results.jsonl is now of ${plural(facts, 'fact')}, ${what}; ` +
      `${plural(gone, 'fact')} done before under other options ${gone === 1 ? 'is' : 'are'} kept in run.db alone`,
  );
}

/**
 * The items that the model can be asked, of the relations that are wanted, and by reason what of these is left out: whole facts,
 * and parts of the others.
 */
async function usableAmong(
  context: Context,
  items: readonly SetItem[],
  { do: what, source, relations }: SweepOptions,
): Promise<{ usable: Placed[] } & Pick<Manifest, 'leftOut' | 'partsLeftOut'>> {
  const asked = relations ? ofRelations(items, relations) : items;
  // A record that is no item has no relation to be counted by.
  const ofSet = (reasons: readonly ReasonCount[] = []) =>
    reasons.map(({ reason, count }) => ({
      reason: relations ? `${reason} (in the whole set)` : reason,
      count,
    }));
  const { usable, refused, leftOut } = await usableFor(context.work, asked, { edit: what === 'edit' });
  const all = items.map((item, place) => ({ item, place }));
  return {
    usable: placedAs(all, usable),
    leftOut: [...ofSet(source?.setAside), ...countReasons(refused.map(({ reason }) => reason))],
    partsLeftOut: [...ofSet(source?.partsLeftOut), ...leftOut],
  };
}

/** Facts with the wordings of their relations, as far as the model can be asked in them, and by reason which are not used. */
async function withWordings({ work, model }: Context, facts: readonly Placed[], what: SweepOperation) {
  const items = facts.map(({ item }) => withTemplates(item, model.causal));
  const { usable, leftOut: unused } = await usableFor(work, items, { edit: what === 'edit' });
  return { chosen: placedAs(facts, usable), unused };
}

/** Items in the places that those with their ids had. */
function placedAs(before: readonly Placed[], items: readonly SetItem[]): Placed[] {
  const places = new Map(before.map(({ item, place }) => [item.id, place]));
  return items.map((item) => ({ item, place: places.get(item.id) ?? 0 }));
}

/** @returns how many facts were computed */
async function computeMissing(
  context: Context,
  run: RunFile,
  task: SweepTask,
  queue: string | undefined,
): Promise<number> {
  const before = run.counts();
  if (before.waiting === 0 && !task.sequential) return 0;
  const total = before.waiting + before.done + before.failed;
  const start = performance.now();
  // By facts that have ended, not by tries: one whose worker fails is waiting again.
  const tell = () => {
    const { waiting, failed } = run.counts();
    const computed = before.waiting - waiting;
    const perSecond = computed / ((performance.now() - start) / 1000);
    const pace =
      computed > 0
        ? { perSecond, secondsLeft: waiting / perSecond, failed: failed - before.failed }
        : undefined;
    context.control.onProgress?.({ stage: 'sweep', done: total - waiting, total, pace });
  };
  tell();
  if (queue === undefined) {
    const background = once(() => backgroundOf(context, run, task));
    const workshop: Workshop = { context: context.detached(), task, background };
    if (task.sequential) {
      const sequence = new Sequence(workshop, run);
      await work(async () => sequence.workshop, sequence, tell);
    } else await work(async () => workshop, run, tell);
  } else {
    const { dispatch } = await import('./queue/dispatch.js');
    await dispatch(context, run, queue, tell);
  }
  return before.waiting - run.counts().waiting;
}

const neuron = z.strictObject({
  layer: z.number(),
  neuron: z.number(),
  share: z.number(),
  meanScore: z.number(),
});
const words = z.strictObject({
  subject: z.string(),
  relation: z.string(),
  prompts: z.array(z.string()),
  heldOut: z.array(z.string()),
});
const backgroundSchema = z.array(z.strictObject({ fact: words, refined: z.array(neuron) }));

/** What facts are held against: found out once in a run. */
async function backgroundOf(context: Context, run: RunFile, task: SweepTask): Promise<BackgroundFact[]> {
  const name = `background ${hashOf([task.settings, task.background])}`;
  const kept = run.kept(name, backgroundSchema);
  if (kept) return kept;
  const found = await refinedBackground(context, task.settings);
  run.keep(name, found);
  return found;
}

/** Which facts the model knows is asked once in a run. */
async function withKnown<T>(
  run: RunFile,
  state: string,
  work: (known: Map<string, boolean>) => Promise<T>,
): Promise<T> {
  const name = `known ${state}`;
  const kept = run.kept(name, z.array(z.tuple([z.string(), z.boolean()]))) ?? [];
  const known = new Map(kept);
  try {
    return await work(known);
  } finally {
    if (known.size > kept.length) run.keep(name, [...known]);
  }
}

function modelOf({ model }: Context): Manifest['model'] {
  const { name, family, fingerprint, causal, layers, neurons, hidden } = model;
  return { name, family, fingerprint, causal, layers, neurons, hidden };
}

/** The operation as it is the same for all facts. */
function sharedPart(operation: Operation): Record<string, unknown> {
  return { ...operation, ...('to' in operation && { to: undefined }) };
}
