// Evaluating an edit whose neurons can be chosen: probed, carried out, probed again, held against controls and judged.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { InterruptedError } from '../errors.js';
import type { EditRecord } from '../ledger/edits.js';
import { neuronKey, type Overlay, toNeuronId } from '../lm/overlay.js';
import { layersOf, owningLayers } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import { type Comparison, compare } from '../probe/comparison.js';
import { isOwn, type ProbeResult } from '../probe/results.js';
import { standingOf } from '../probe/standing.js';
import { type Reach, reachOf, type Verdict, verdictOf } from '../probe/verdict.js';
import { PERPLEXITY_LIMIT } from '../spec/choices.js';
import { isAtSubject } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import { intentOf } from './applied-edits.js';
import type { FactWords } from './background.js';
import { driftOf } from './check.js';
import { byOwners, type Stays } from './choose.js';
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
import type { Operator } from './edit-probes.js';
import { drawFurther, FurtherFacts } from './further-facts.js';
import { heldBy, standingsBeside } from './held.js';
import type { Located } from './locate.js';
import { measure } from './measure.js';
import { type EditResult, metricsOf, type Outcome } from './outcome.js';
import { overlapWarning, sharedWith } from './overlaps.js';
import { noTextWarning, Perplexity, surpriseWarning } from './perplexity.js';
import { Planner } from './plan.js';
import { toRecord } from './standings.js';
import type { Sweep } from './swept.js';
import { tryOut } from './trial.js';
import { versions } from './versions.js';

/** Random draws of the control. */
const SEEDS = 5;

export interface ApplyOptions {
  /** Measure and report, change nothing. */
  dryRun?: boolean | undefined;
  /** Scale activations at the target position instead of value vectors; implies a dry run. */
  whatIf?: boolean | undefined;
  /** A localization of the fact that is at hand: nothing is located again. */
  located?: Located | undefined;
  /**
   * A dry run of the same edit that is at hand: it is recorded as it was measured. Where the model, the edit or its settings
   * are others by now, it is measured again, and a note says so.
   */
  measured?: JudgedEdit | undefined;
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

/** How far an edit is measured that is one of very many. @internal */
export interface Brevity {
  /** About how many tokens of text perplexity is measured on, at most (all of the background's). */
  textTokens?: number | undefined;
  /** Whether the drift from the base is measured (yes). */
  drift?: boolean | undefined;
}

/** What became of an edit. */
export interface JudgedEdit extends EditResult {
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

/** An edit that is ready to be carried out. @internal */
export interface Prepared {
  /** When work on it began, by `performance.now()`. */
  start: number;
  /** What was asked for, as it is recorded. */
  specification: unknown;
  operator: Operator;
  /** What it is about; everything else should stay. */
  fact: FactWords;
  /** Its neurons. */
  choose: (stays: Stays) => Promise<readonly LocatedNeuron[]>;
  /** The wordings of each edit that is to come, which a solved rewrite holds besides those of the applied ones. */
  beside?: readonly (readonly HeldPrompt[])[] | undefined;
  /** How it was located. */
  settings: LocateSettings | undefined;
  localizationId: number | undefined;
  /** What is worth knowing before anything is changed. @param before the answers to its probes */
  warnings: (before: readonly ProbeResult[]) => string[];
}

/** An edit that was measured and judged, and is not recorded yet. @internal */
export interface Evaluated<R extends JudgedEdit = JudgedEdit> {
  result: R;
  record: EditRecord;
  /** The state that it leaves. */
  overlay: Overlay;
  /** The localization that it was given, which is not recorded yet. */
  located?: Located | undefined;
  /** Its probes after each draw of the control. */
  drawn: readonly (readonly ProbeResult[])[];
}

/**
 * Probes, operates, probes again, holds the edit against controls and everything around it, and judges it; nothing is recorded.
 * @internal
 */
export async function evaluate(
  context: Context,
  { start, specification, operator, fact, choose, beside = [], settings, localizationId, warnings }: Prepared,
  options: ApplyOptions & Brevity,
): Promise<Evaluated> {
  const { edit, rewrite, probes, whatIf } = operator;
  const { operation } = edit;
  context.progress('probe', 0, 1);
  const before = await measure(context, probes, { overlay: context.overlay, rewrite });
  const earlier = await standingsBeside(context, fact);
  const stood = await earlier.measure(context.overlay);
  const text = whatIf ? undefined : await Perplexity.of(context, options.textTokens);
  context.progress('probe', 1, 1);

  context.progress('operate', 0, 1);
  const held = await heldBy(context, operator, fact, earlier, beside.flat());
  const stays = isAtSubject(edit) ? await metricsAtSubject(context, edit, held) : undefined;
  const chosen = await choose({ held, metrics: stays });
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
  const { control, drawn = [] } =
    (await runControls(context, operator, draws, trial.controls, before, text)) ?? {};
  const doses = await runDoses(context, operator, plan, before, options.doses ?? []);
  const perplexity = (await text?.change(overlay, options.perplexityLimit ?? PERPLEXITY_LIMIT)) ?? null;
  const drift = whatIf || options.drift === false ? null : await driftAround(context, overlay);
  const overlaps = sharedWith(context, owned.map(toNeuronId));

  const metrics = metricsOf(before, after);
  const reach = reachOf(intentOf(operation), before, after);
  const evidence = evidenceOf(reach.intent, metrics, perplexity?.rise ?? null, control);
  const surprised = perplexity === null ? undefined : surpriseWarning(perplexity, operation);
  const drifted = driftsTooFar({ drift }, options);
  const harms = harmsOthers({ regressions, perplexity });
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
  const byKey = new Map(neurons.map((one) => [neuronKey(toNeuronId(one)), one]));
  const record = {
    name: edit.name,
    operation: operation.type,
    specification,
    settings,
    localizationId,
    versions: versions(context),
    outcome,
    vectors: vectors.map((vector) => {
      const { share = 0, meanScore = 0 } = byKey.get(neuronKey(vector.at)) ?? {};
      return { ...vector, share, meanScore };
    }),
    before,
    after,
    standing: standingOf(reach.intent, before.filter(isOwn), own, own),
    standings: toRecord(outcome.standings),
  };
  const result: JudgedEdit = {
    editId: null,
    name: edit.name,
    operation: operation.type,
    ...statusOf({ regressions, perplexity, drift }, options),
    ...outcome,
    neurons: [...neurons],
    before,
    after,
    metrics,
    layers: whatIf ? [...new Set(ids.map(([layer]) => layer))] : layersOf(context.model, ids),
  };
  return { result, record, overlay, drawn };
}

type Harm = Pick<EditResult, 'regressions' | 'perplexity' | 'drift'>;

/** What becomes of an edit that did this. */
export function statusOf(harm: Harm, options: ApplyOptions): Pick<JudgedEdit, 'status' | 'wouldRefuse'> {
  const wouldRefuse = (harmsOthers(harm) && !options.allowRegressions) || driftsTooFar(harm, options);
  if (options.dryRun || options.whatIf) return { status: 'dry-run', wouldRefuse };
  return { status: wouldRefuse ? 'refused' : 'applied', wouldRefuse };
}

function harmsOthers({ regressions, perplexity }: Omit<Harm, 'drift'>): boolean {
  return regressions.length > 0 || (perplexity !== null && perplexity.rise > perplexity.limit);
}

function driftsTooFar({ drift }: Pick<Harm, 'drift'>, { driftLimit = 1 }: ApplyOptions): boolean {
  return drift !== null && drift.after.flips > driftLimit;
}

async function driftAround(context: Context, overlay: Overlay): Promise<Outcome['drift']> {
  const before = await driftOf(context, context.overlay);
  const after = await driftOf(context, overlay);
  return before && after ? { before, after } : null;
}
