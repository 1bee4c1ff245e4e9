// Computing jobs: the facts of a group are located together, so that their prompts share batches, and edited each by itself on
// the path of `apply --dry-run`. Nothing is recorded here.
import { KnEditError } from '../errors.js';
import { type Overlay, toNeuronId } from '../lm/overlay.js';
import type { GenericNeuron } from '../locate/refined.js';
import type { ProbeResult } from '../probe/results.js';
import { type ApplyResult, evaluateEdit } from '../session/apply.js';
import { type BackgroundFact, genericFor } from '../session/background.js';
import { expectNeurons } from '../session/choose.js';
import type { Context } from '../session/context.js';
import { type EncodedEdit, encodeGiven } from '../session/edit-probes.js';
import { type EncodedFact, encodeFact, type FactMaps, mapFacts } from '../session/fact-maps.js';
import { type Located, localize } from '../session/locate.js';
import { encodeProbes, measure } from '../session/measure.js';
import { type EditFile, editSchema, needsLocating } from '../spec/edit-file.js';
import { validate } from '../spec/json.js';
import { effectPart, type ProbePair } from './effect.js';
import type { SweepJob, SweepTask } from './job.js';
import { activationsOf, baselineOf, locatedPart } from './located.js';
import { Meter, type Spent } from './meter.js';
import { failed, type Outcome } from './outcome.js';
import { COMPUTATION, type LocatedPart, type SweepResult } from './result.js';
import { leftBy } from './sequence/left-edit.js';

/** What jobs are computed with. */
export interface Workshop {
  /** Detached: of a sweep, nothing is recorded in the ledger. */
  context: Context;
  task: SweepTask;
  /** What facts are held against; it is asked for when the first one is located. */
  background: () => Promise<readonly BackgroundFact[]>;
}

/** A fact that was located: now, or before. */
interface Found {
  /** Of what was located now, with the neurons that are to be changed. */
  located?: Located;
  part: LocatedPart;
  warnings: string[];
  /** The object in words. */
  object: string;
}

/**
 * Computes some jobs.
 * @param onDone is given every outcome once, as soon as it is there
 * @throws InterruptedError; whatever `onDone` throws
 */
export async function compute(
  workshop: Workshop,
  jobs: readonly SweepJob[],
  onDone: (outcomes: readonly Outcome[]) => Promise<void>,
): Promise<void> {
  const meter = new Meter();
  const found = await locateAll(
    workshop,
    jobs.filter(({ operation, located }) => !located && (!operation || needsLocating({ operation }))),
  );
  for (const job of jobs) if (job.located) found.set(job, before(job.located));
  const spent = meter.lap(jobs.length);
  const done: Outcome[] = [];
  const left: SweepJob[] = [];
  for (const job of jobs) {
    const own = found.get(job);
    if (own && 'failure' in own) done.push(own);
    else if (job.operation) left.push(job);
    else if (own && 'part' in own) done.push({ job, result: resultOf(workshop, job, own, spent) });
  }
  await onDone(done);
  const takeTurns = async () => {
    for (let job = left.shift(); job; job = left.shift()) {
      const own = found.get(job);
      const more = meter.begin();
      const outcome = await editOne(workshop, job, own && 'part' in own ? own : undefined);
      meter.end(more);
      if ('result' in outcome) addSpent(outcome.result, spent, more);
      await onDone([outcome]);
    }
  };
  // A single edit leaves workers idle between its steps. All have ended before anything is said of the group.
  const turns = await Promise.allSettled(Array.from({ length: workshop.context.pool.workers }, takeTurns));
  for (const turn of turns) if (turn.status === 'rejected') throw turn.reason;
}

function addSpent(result: SweepResult, ...all: Spent[]): void {
  for (const { seconds, cpuSeconds } of all) {
    result.seconds += seconds;
    result.cpuSeconds += cpuSeconds;
  }
}

/** Where each fact lies, or why that cannot be said. */
async function locateAll(
  workshop: Workshop,
  jobs: readonly SweepJob[],
): Promise<Map<SweepJob, Found | Outcome>> {
  const { context, task } = workshop;
  const found = new Map<SweepJob, Found | Outcome>();
  const encoded: { job: SweepJob; fact: EncodedFact }[] = [];
  await Promise.all(
    jobs.map(async (job, i) => {
      try {
        encoded[i] = { job, fact: await encodeFact(context, job.fact, task.settings) };
      } catch (error) {
        found.set(job, failed(job, error));
      }
    }),
  );
  const usable = encoded.filter(Boolean);
  if (usable.length > 0) await locateGroup(workshop, usable, await workshop.background(), found);
  return found;
}

/** Locates facts together; where that fails, each by itself, so that the failure is known by its fact. */
async function locateGroup(
  workshop: Workshop,
  facts: readonly { job: SweepJob; fact: EncodedFact }[],
  background: readonly BackgroundFact[],
  found: Map<SweepJob, Found | Outcome>,
): Promise<void> {
  const { context, task } = workshop;
  try {
    const group = facts.map(({ fact }) => fact);
    const maps = await mapFacts(context, group, task.settings);
    const activations = await activationsOf(context, group);
    facts.forEach(({ job, fact }, i) => {
      const own = maps[i];
      if (!own) throw new Error(`${job.id}: has no maps`);
      const generic = genericFor(fact.fact, background, task.settings);
      found.set(job, foundIn(task, fact, own, generic, activations[i] ?? []));
    });
  } catch (error) {
    const [only, ...others] = facts;
    if (only && others.length === 0) found.set(only.job, failed(only.job, error));
    else if (!(error instanceof KnEditError) || error.code === 'interrupted') throw error;
    else for (const one of facts) await locateGroup(workshop, [one], background, found);
  }
}

function foundIn(
  task: SweepTask,
  { object }: EncodedFact,
  maps: FactMaps,
  generic: GenericNeuron[],
  activations: readonly Float32Array[],
): Found {
  const located = localize(maps, task.settings, generic);
  const { localization } = located;
  const { warnings } = localization;
  const baseline = baselineOf(activations, maps.width, { ...task.settings, share: localization.share });
  const part = locatedPart(maps, located, baseline, task.full);
  const neurons = task.by === 'activation' ? baseline : localization.neurons;
  const changed = { ...located, localization: { ...localization, neurons } };
  return { located: changed, part, warnings, object: object.words };
}

function before({ object, warnings, ...part }: NonNullable<SweepJob['located']>): Found {
  return { part, warnings, object };
}

function resultOf(
  { context, task }: Workshop,
  job: SweepJob,
  { part, warnings, object }: Found,
  spent: Spent,
): SweepResult {
  return { ...aboutJob(task, job, object), ...part, effect: null, ...engineOf(context), warnings, ...spent };
}

/** Known since the job's own tasks. */
function engineOf({ pool: { engine } }: Context): Pick<SweepResult, 'engine'> {
  return { engine: engine?.engine };
}

function aboutJob({ do: what }: SweepTask, { key, place, id, fact, operation }: SweepJob, object: string) {
  const { relation, subject } = fact;
  const computation = COMPUTATION[operation ? 'edit' : 'locate'];
  return { key, computation, place, id, relation, subject, object, operation: what };
}

/**
 * An edit of a fact as a file would have it; of one that was located before, at those neurons.
 * @throws InputError that names the field that cannot be used, or says that no neuron was located
 */
export function editOf({ id, fact, operation, probes, located }: SweepJob, { by }: SweepTask): EditFile {
  const { portability: _, ...own } = probes;
  if (!located) return validate(id, { name: id, fact, operation, probes: own }, editSchema);
  const { neurons: most, ...how } = operation ?? {};
  const found = by === 'activation' ? located.baseline : located.neurons.map(toNeuronId);
  expectNeurons(found);
  const neurons = found.slice(0, most);
  return validate(id, { name: id, fact, operation: how, neurons, probes: own }, editSchema);
}

async function editOne(workshop: Workshop, job: SweepJob, found: Found | undefined): Promise<Outcome> {
  const { context, task } = workshop;
  try {
    const encoded = await encodeGiven(context, editOf(job, task));
    const { result, overlay, record, drawn } = await evaluateEdit(context, encoded, task.settings, {
      dryRun: true,
      located: found?.located,
      control: job.control ? 'random' : 'none',
      seeds: task.seeds,
      textTokens: task.text,
      drift: false, // of which no result speaks
    });
    const portability = await askPortability(context, job, encoded, overlay);
    const { operation } = encoded.edit;
    const to = encoded.rewrite?.to.words ?? null;
    return {
      job,
      result: {
        ...aboutJob(task, job, found?.object ?? encoded.fact.object),
        ...(found?.part ?? unlocated(result)),
        effect: effectPart(result, drawn, operation, to, portability),
        ...engineOf(context),
        warnings: [...new Set([...(found?.warnings ?? []), ...result.warnings])],
        seconds: 0,
        cpuSeconds: 0,
      },
      left: task.sequential && leftBy(result, record.vectors),
    };
  } catch (error) {
    return failed(job, error);
  }
}

/** What the new answer entails, asked in both states. */
async function askPortability(
  context: Context,
  { probes: { portability } }: SweepJob,
  { rewrite }: EncodedEdit,
  overlay: Overlay,
): Promise<ProbePair[]> {
  const requests = portability.map(({ prompt, expect }, i) => ({
    role: 'unrelated' as const, // an edit has no role for them
    field: `probes.portability.${i}.prompt`,
    expectField: `probes.portability.${i}.expect`,
    prompt,
    expect,
    named: true,
  }));
  const encoded = await encodeProbes(context, requests);
  const before = await measure(context, encoded, { overlay: context.overlay, rewrite });
  const after = await measure(context, encoded, { overlay, rewrite, reference: context.overlay });
  return before.flatMap((was, i) => {
    const now = after[i];
    return now ? [{ was, now }] : [];
  });
}

/** Of a fact whose edit is at its subject: its prompts, and no neurons. */
function unlocated({ before }: ApplyResult): LocatedPart {
  const targets = before.filter(({ role }: ProbeResult) => role === 'target');
  return {
    prompts: targets.map(({ prompt, prob, rank, top }) => ({
      prompt,
      prob,
      rank,
      answer: top[0]?.token ?? '',
      threshold: null,
      residual: null,
      coarse: [],
      scores: [],
    })),
    neurons: [],
    share: 0,
    consistency: 0,
    generic: [],
    baseline: [],
  };
}
