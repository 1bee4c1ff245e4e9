// Applying an edit: locate, probe, operate, probe again, control, check, record.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { InputError, InterruptedError } from '../errors.js';
import type { EditRecord } from '../ledger/edits.js';
import { type NeuronId, neuronKey, type Overlay, toNeuronId } from '../lm/overlay.js';
import { layersOf, owningLayers } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { type Comparison, compare } from '../probe/comparison.js';
import { isOwn, type ProbeResult } from '../probe/results.js';
import { standingOf } from '../probe/standing.js';
import { type Reach, reachOf, type Verdict, verdictOf } from '../probe/verdict.js';
import { PERPLEXITY_LIMIT } from '../spec/choices.js';
import {
  type EditFile,
  isAtSubject,
  isOfWholeLayers,
  isSolved,
  needsLocating,
  withMethod,
} from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import type { Metric } from '../surgery/subject/metric.js';
import { factKeys, intentOf, leftOf } from './applied-edits.js';
import type { FactWords } from './background.js';
import { driftOf } from './check.js';
import { byOwners, chooseNeurons } from './choose.js';
import { metricsAtSubject } from './choose-at-subject.js';
import type { Context } from './context.js';
import {
  type ControlKind,
  type ControlResult,
  controlChoices,
  evidenceOf,
  noControl,
  runControls,
  runDoses,
} from './controls.js';
import { type EncodedEdit, encodeGiven, type Operator } from './edit-probes.js';
import { answersOf, type FactAnswer, factWarnings, lackingWarning } from './fact-warnings.js';
import { drawFurther, FurtherFacts } from './further-facts.js';
import { type Localization, type Located, locateFact } from './locate.js';
import { measure } from './measure.js';
import { type EditResult, metricsOf, type Outcome } from './outcome.js';
import { noTextWarning, Perplexity, surpriseWarning } from './perplexity.js';
import { firstHeld, heldOf, Planner } from './plan.js';
import { Standings, toRecord } from './standings.js';
import { type Sweep, type SweptValue, sweptValue, variantsOf } from './sweep.js';
import { tryOut } from './trial.js';
import { versions } from './versions.js';
import { writing } from './writing.js';

/** Random draws of the control. */
const SEEDS = 5;

export interface ApplyOptions {
  /** Measure and report, change nothing. */
  dryRun?: boolean | undefined;
  /** Scale activations at the target position instead of value vectors; implies a dry run. */
  whatIf?: boolean | undefined;
  /** A localization of the fact that is at hand: nothing is located again. */
  located?: Located | undefined;
  /** Apply although the regression check failed. */
  allowRegressions?: boolean | undefined;
  /** Against which neurons the effect is held (random). */
  control?: ControlKind | undefined;
  /** Random draws of the control (5). */
  seeds?: number | undefined;
  /** Doses at which the operation is measured too: 0 is none of it, 1 the edit. */
  doses?: readonly number[] | undefined;
  /** Refuse when more than this share of a fixed set of the model's facts would have another answer than the base. */
  driftLimit?: number | undefined;
  /** Refuse when perplexity on ordinary text rises by more than this share (0.1). */
  perplexityLimit?: number | undefined;
  /** Values at which a setting of a rewrite is tried; the smallest that works and harms nothing is applied. */
  sweep?: Sweep | undefined;
}

/** What became of an edit of a fact; the shape that scripts read. */
export interface ApplyResult extends CarriedThrough {
  /** Where its neurons come from: located, named in the file, selected at the subject, or all of its layers. */
  chosen: 'located' | 'named' | 'selected' | 'all';
  localization: Localization | null;
  /** What it did at each value of a setting that was tried. */
  sweep: SweptValue[];
}

/** What became of an edit. */
export interface CarriedThrough extends EditResult {
  status: 'applied' | 'dry-run' | 'refused';
  /** Whether the edit is refused, or would be if this were no dry run. */
  wouldRefuse: boolean;
  verdict: Verdict;
  comparison: Comparison;
  reach: Reach;
  seconds: number;
  control: ControlResult | null;
  /** Layers in which the changed vectors act; more than those that name them where layers share vectors. */
  layers: number[];
}

/**
 * Applies one edit to the model in its present state and records it in the ledger, whole or not at all.
 * @param settings how to locate, where the file does not name the neurons
 * @throws InputError when the file does not fit the model, or no neuron is located
 */
export async function applyEdit(
  context: Context,
  given: EditFile,
  settings: LocateSettings,
  options: ApplyOptions,
): Promise<ApplyResult> {
  expectLedger(context, options);
  if (options.sweep) return sweepEdit(context, given, settings, options, options.sweep);
  return keep(context, await workOut(context, await encodeGiven(context, given), settings, options));
}

/** Tries a setting at several values without controls, and applies the edit at the smallest at which it works; if there is one. */
async function sweepEdit(
  context: Context,
  given: EditFile,
  settings: LocateSettings,
  options: ApplyOptions,
  sweep: Sweep,
): Promise<ApplyResult> {
  const { located = needsLocating(given) ? await locateFact(context, given.fact, settings) : undefined } =
    options;
  const workAt = async (edit: EditFile, more: ApplyOptions) =>
    workOut(context, await encodeGiven(context, edit), settings, { ...options, located, ...more });
  const tried: { edit: EditFile; at: SweptValue }[] = [];
  for (const { value, edit } of variantsOf(given, sweep)) {
    const { result } = await workAt(edit, { control: 'none', doses: [] });
    tried.push({ edit, at: sweptValue(value, result) });
  }
  // Beside its controls it is held against more facts, and may turn out to harm those.
  let worked: WorkedOut<ApplyResult> | undefined;
  for (const one of tried.filter(({ at }) => at.works)) {
    worked = await workAt(one.edit, {});
    one.at = sweptValue(one.at.value, worked.result);
    if (!one.at.works) continue;
    return keep(context, { ...worked, result: { ...worked.result, sweep: tried.map(({ at }) => at) } });
  }
  const { result } = worked ?? (await workAt(tried.at(-1)?.edit ?? given, {}));
  return {
    ...result,
    status: result.status === 'dry-run' ? 'dry-run' : 'refused',
    wouldRefuse: true,
    sweep: tried.map(({ at }) => at),
    warnings: [...result.warnings, `at no value of ${sweep.field} does it work and harm nothing`],
  };
}

/**
 * Works one edit out on the model in its present state, and measures it; nothing is recorded.
 * @param beside the wordings of each edit that is to come, to be held
 * @throws InputError when the file does not fit the model, or no neuron is located
 * @internal
 */
export async function workOut(
  context: Context,
  { given, edit, warnings: repeats, fact, rewrite, probes }: EncodedEdit,
  settings: LocateSettings,
  options: ApplyOptions,
  beside?: Prepared['beside'],
): Promise<WorkedOut<ApplyResult>> {
  const start = performance.now();
  const located = !needsLocating(edit)
    ? undefined
    : (options.located ?? (await locateFact(context, edit.fact, settings)));
  const others = context.edits.length + (beside?.length ?? 0);
  const operator = { edit, rewrite, probes, whatIf: options.whatIf === true };
  const { result, ...rest } = await workThrough(
    context,
    {
      start,
      specification: given,
      operator,
      fact,
      choose: (metrics) => chooseNeurons(context, edit, located, others, metrics),
      beside,
      settings: located ? settings : undefined,
      localizationId: located?.localization.id,
      warnings: (before) => [
        ...(located?.localization.warnings ?? unlocatedWarnings(context, fact, answersOf(probes, before))),
        ...repeats,
      ],
    },
    options,
  );
  const origin = located ? 'located' : edit.neurons ? 'named' : isOfWholeLayers(edit) ? 'all' : 'selected';
  const localization = located?.localization ?? null;
  return { ...rest, result: { ...result, chosen: origin, localization, sweep: [] } };
}

/** @throws InputError when an edit is to be recorded and there is no ledger for it */
export function expectLedger(context: Context, { dryRun, whatIf }: ApplyOptions): void {
  if (dryRun || whatIf || context.ledger) return;
  throw new InputError('--base ignores the ledger, so nothing can be applied; add --dry-run, or drop --base');
}

/** An edit that is ready to be carried out. @internal */
export interface Prepared {
  /** When work on it began, by `performance.now()`. */
  start: number;
  /** What was asked for, as it is recorded. */
  specification: unknown;
  operator: Operator;
  /** What it is about; everything else should stay. */
  fact: FactWords;
  /** Its neurons. @param metrics of an edit at the subject: what is to stay, layer by layer */
  choose: (metrics: ReadonlyMap<number, Metric> | undefined) => Promise<readonly LocatedNeuron[]>;
  /** The wordings of each edit that is to come, which a solved rewrite holds besides those of the applied ones. */
  beside?: readonly (readonly HeldPrompt[])[] | undefined;
  /** How it was located. */
  settings: LocateSettings | undefined;
  localizationId: number | undefined;
  /** What is worth knowing before anything is changed. @param before the answers to its probes */
  warnings: (before: readonly ProbeResult[]) => string[];
}

/** An edit that was measured and judged, and is not recorded yet. @internal */
export interface WorkedOut<R extends CarriedThrough = CarriedThrough> {
  result: R;
  record: EditRecord;
  /** The state that it leaves. */
  overlay: Overlay;
}

/**
 * Probes, operates, probes again, holds the edit against controls and everything around it, judges and records it.
 * @internal
 */
export async function carryThrough(
  context: Context,
  prepared: Prepared,
  options: ApplyOptions,
): Promise<CarriedThrough> {
  return keep(context, await workThrough(context, prepared, options));
}

/** Records an edit, unless it is a dry run or refused. */
async function keep<R extends CarriedThrough>(
  context: Context,
  { result, record }: WorkedOut<R>,
): Promise<R> {
  const { ledger, applied } = context;
  if (result.status !== 'applied' || !ledger) return result;
  const [editId = null] = await writing(context, () => ledger.edits.apply([record], applied));
  return { ...result, editId };
}

/** The applied edits of other facts. */
function standingsBeside(context: Context, fact: FactWords): Promise<Standings> {
  return Standings.of(
    context,
    context.edits.flatMap((one) => leftOf(one, factKeys(fact)) ?? []),
  );
}

/** What an edit holds from the beginning, in groups: nothing where it is not solved for, or holds real text alone (ROME, MEMIT). */
async function heldBy(
  context: Context,
  operator: Pick<Operator, 'edit' | 'rewrite' | 'probes'>,
  fact: FactWords,
  earlier: Standings,
  beside: readonly HeldPrompt[],
): Promise<(readonly HeldPrompt[])[]> {
  if (!isSolved(operator.edit) || isOfWholeLayers(operator.edit)) return [];
  const applied = earlier.wordings.flatMap(({ subject, probes }) => heldOf(subject, probes));
  return firstHeld(context, operator, fact, [...applied, ...beside]);
}

/**
 * The neurons that an edit would change in the model's present state.
 * @throws InputError when there are none, or they do not fit the model
 */
export async function neuronsOf(
  context: Context,
  file: EditFile,
  located: Located | undefined,
): Promise<LocatedNeuron[]> {
  const named = withMethod(file, context.model.causal);
  if (!isAtSubject(named)) return chooseNeurons(context, named, located);
  const { edit, fact, rewrite, probes } = await encodeGiven(context, named);
  const earlier = await standingsBeside(context, fact);
  const held = await heldBy(context, { edit, rewrite, probes }, fact, earlier, []);
  const stays = await metricsAtSubject(context, edit, held);
  return chooseNeurons(context, edit, located, context.edits.length, stays);
}

/** All of that but recording it. */
async function workThrough(
  context: Context,
  { start, specification, operator, fact, choose, beside = [], settings, localizationId, warnings }: Prepared,
  options: ApplyOptions,
): Promise<WorkedOut> {
  const { edit, rewrite, probes, whatIf } = operator;
  const { operation } = edit;
  const dry = options.dryRun === true || whatIf;
  context.progress('probe', 0, 1);
  const before = await measure(context, probes, { overlay: context.overlay, rewrite });
  const earlier = await standingsBeside(context, fact);
  const stood = await earlier.measure(context.overlay);
  const text = whatIf ? undefined : await Perplexity.of(context);
  context.progress('probe', 1, 1);

  context.progress('operate', 0, 1);
  const held = await heldBy(context, operator, fact, earlier, beside.flat());
  const stays = isAtSubject(edit) ? await metricsAtSubject(context, edit, held) : undefined;
  const chosen = await choose(stays);
  const owned = byOwners(context.model, chosen);
  const neurons = whatIf ? chosen : owned; // activations are of the layer that is named
  const ids = neurons.map(toNeuronId);
  const layers = owningLayers(whatIf ? { layers: context.model.layers } : context.model);
  const kind = options.control ?? 'random';
  const draws = controlChoices(context, ids, layers, kind, options.seeds ?? SEEDS);
  const missing = noControl(context, ids, kind, draws);
  const choices = [ids, ...draws.map((one) => one.neurons)];
  const located = [...new Set(chosen.map(({ layer }) => layer))];
  const planner = new Planner(context, operator, choices, located, stays);
  if (!stays) await planner.hold(held);
  const cost = whatIf || draws.length === 0 ? 0 : draws.length * probes.length + held.flat().length;
  const further = new FurtherFacts(context, await drawFurther(context, fact, probes, cost));
  const surroundings = { before, earlier, stood, further };
  const trial = await tryOut(context, operator, planner, surroundings);
  const { plan, vectors, overlay, after, stands, regressions } = trial;
  context.progress('operate', 1, 1);
  context.control.onMeasured?.(before, after);
  const control = await runControls(context, operator, draws, trial.controls, before, text);
  const doses = await runDoses(context, operator, plan, before, options.doses ?? []);
  const perplexity = (await text?.change(overlay, options.perplexityLimit ?? PERPLEXITY_LIMIT)) ?? null;
  const drift = whatIf ? null : await driftAround(context, overlay);
  const overlaps = sharedWith(context, owned.map(toNeuronId));

  const metrics = metricsOf(before, after);
  const reach = reachOf(intentOf(operation), before, after);
  const evidence = evidenceOf(reach.intent, metrics, perplexity?.rise ?? null, control);
  const drifted = drift !== null && drift.after.flips > (options.driftLimit ?? 1);
  const surprised = perplexity === null ? undefined : surpriseWarning(perplexity, operation);
  const harms = regressions.length > 0 || surprised !== undefined;
  const wouldRefuse = (harms && !options.allowRegressions) || drifted;
  const status = dry ? 'dry-run' : wouldRefuse ? 'refused' : 'applied';
  if (context.control.signal?.aborted) throw new InterruptedError();
  const outcome = {
    verdict: verdictOf(reach, evidence.effect, harms),
    ...compare(evidence),
    reach,
    rewrite: rewrite ? { from: rewrite.from.token, to: rewrite.to.token } : null,
    control: control ?? null,
    doses,
    further:
      further.asked > 0 ? { asked: further.asked, facts: context.facts.length, lost: trial.lost } : null,
    standings: earlier.judge(stands),
    regressions,
    drift,
    perplexity,
    overlays: whatIf ? null : { before: context.overlay.id, after: overlay.id },
    overlaps,
    warnings: [
      ...warnings(before),
      ...(plan.warning ? [plan.warning] : []),
      ...(missing ? [missing] : []),
      ...(overlaps.length > 0 ? [overlapWarning(overlaps)] : []),
      ...(surprised ? [surprised] : []),
      ...(text || whatIf ? [] : [noTextWarning]),
      ...(drifted ? [`the model would drift beyond --drift-limit ${options.driftLimit}`] : []),
    ],
    seconds: (performance.now() - start) / 1000,
  } satisfies Outcome;
  const own = after.filter(isOwn);
  const record = {
    name: edit.name,
    operation: operation.type,
    specification,
    settings,
    localizationId,
    versions: versions(context),
    outcome,
    vectors: vectors.map((vector, i) => ({
      ...vector,
      share: neurons[i]?.share ?? 0,
      meanScore: neurons[i]?.meanScore ?? 0,
    })),
    before,
    after,
    standing: standingOf(reach.intent, before.filter(isOwn), own, own),
    standings: toRecord(outcome.standings),
  };
  const result: CarriedThrough = {
    editId: null,
    name: edit.name,
    operation: operation.type,
    status,
    wouldRefuse,
    ...outcome,
    neurons: [...neurons],
    before,
    after,
    metrics,
    layers: whatIf ? [...new Set(ids.map(([layer]) => layer))] : layersOf(context.model, ids),
  };
  return { result, record, overlay };
}

/** What is worth knowing of a fact whose neurons were named. */
function unlocatedWarnings(
  { facts }: Context,
  fact: { subject: string; object: string },
  answers: readonly FactAnswer[],
): string[] {
  const lacking = lackingWarning(facts);
  return [...factWarnings(fact, answers), ...(lacking ? [lacking] : [])];
}

/** The applied and pending edits that change some of these neurons, and how many of them. */
function sharedWith({ ledger, pending }: Context, neurons: readonly NeuronId[]): Outcome['overlaps'] {
  const own = new Set(neurons.map(neuronKey));
  const others = pending.map(({ edit: { id, name }, neurons: theirs }) => {
    return { id, name, neurons: theirs.filter((at) => own.has(neuronKey(at))).length };
  });
  return [...(ledger?.edits.sharing(neurons) ?? []), ...others.filter((one) => one.neurons > 0)];
}

/** "shares neurons with edit 1 (fix-capital): 4, edit 2 (fix-currency): 8". */
function overlapWarning(overlaps: Outcome['overlaps']): string {
  const each = overlaps.map(({ id, name, neurons }) => `edit ${id} (${name}): ${neurons}`);
  return `shares neurons with ${each.join(', ')}`;
}

async function driftAround(context: Context, overlay: Overlay): Promise<Outcome['drift']> {
  const before = await driftOf(context, context.overlay);
  const after = await driftOf(context, overlay);
  return before && after ? { before, after } : null;
}
