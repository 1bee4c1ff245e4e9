// Applying an edit: locate, probe, operate, probe again, control, check, record.
import { InputError, InterruptedError } from '../errors.js';
import { extendOverlay, toNeuronId } from '../lm/overlay.js';
import { checkRoom, type EncodedTarget, tokensIn } from '../lm/prompt.js';
import { regressions as findRegressions } from '../probe/results.js';
import { type Verdict, verdictOf } from '../probe/verdict.js';
import type { EditFile, Operation } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import type { VectorChange } from '../surgery/replay.js';
import { drawProbes } from './background.js';
import { driftOf } from './check.js';
import { chooseNeurons } from './choose.js';
import type { Context } from './context.js';
import { type ControlKind, type ControlResult, runControls, runDoses } from './controls.js';
import { type Localization, type Located, locateFact } from './locate.js';
import { encodeProbes, type Measuring, measure, type ProbeRequest } from './measure.js';
import { operate, prepareOperator } from './operate.js';
import { type EditMetrics, type EditResult, metricsOf, type Outcome } from './outcome.js';
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
}

/** What became of an edit; the shape that scripts read. */
export interface ApplyResult extends EditResult {
  status: 'applied' | 'dry-run' | 'refused';
  verdict: Verdict;
  seconds: number;
  control: ControlResult | null;
  localization: Localization | null;
}

/**
 * Applies one edit to the model in its present state and records it in the ledger, whole or not at all.
 * @param settings how to locate, where the file does not name the neurons
 * @throws InputError when the file does not fit the model, or no neuron is located
 */
export async function applyEdit(
  context: Context,
  edit: EditFile,
  settings: LocateSettings,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const start = performance.now();
  const { operation } = edit;
  const whatIf = options.whatIf === true;
  const dry = options.dryRun === true || whatIf;
  if (!dry && !context.ledger) {
    throw new InputError(
      '--base ignores the ledger, so nothing can be applied; add --dry-run, or drop --base',
    );
  }
  const { object, rewrite } = await encodeTargets(context, edit);
  const fact = { ...edit.fact, object: object.words };
  const probes = await encodeProbes(context, probeRequests(context, edit, fact));

  for (const answer of rewrite ? [rewrite.to, rewrite.from] : []) {
    const field = answer === rewrite?.to ? 'operation.to' : 'operation.from';
    for (const { prompt } of probes)
      checkRoom(prompt, tokensIn(prompt, answer), context.model.maxLength, field);
  }

  const located = edit.neurons
    ? undefined
    : (options.located ?? (await locateFact(context, edit.fact, settings)));
  const neurons = chooseNeurons(context, edit, located);
  const ids = neurons.map(toNeuronId);

  context.progress('probe', 0, 1);
  const before = await measure(context, probes, { overlay: context.overlay, rewrite });
  context.progress('probe', 1, 1);

  context.progress('operate', 0, 1);
  const operator = await prepareOperator(context, { edit, rewrite, probes, whatIf }, fact);
  const { vectors, after, warning } = await operate(context, operator, ids);
  context.progress('operate', 1, 1);
  context.control.onMeasured?.(before, after);
  const { control: kind = 'random', seeds = SEEDS } = options;
  const control = await runControls(context, operator, ids, before, kind, seeds);
  const doses = await runDoses(context, operator, ids, before, options.doses ?? []);

  const drift = whatIf ? null : await driftAround(context, vectors);
  const overlaps = context.ledger?.edits.sharing(ids) ?? [];

  const regressions = findRegressions(before, after, edit.tolerance);
  const metrics = metricsOf(before, after);
  const verdict = judge(operation, metrics, regressions.length, control);
  const drifted = drift !== null && drift.after.flips > (options.driftLimit ?? 1);
  const refused = !dry && ((regressions.length > 0 && !options.allowRegressions) || drifted);
  const status = dry ? 'dry-run' : refused ? 'refused' : 'applied';
  if (context.control.signal?.aborted) throw new InterruptedError();
  const outcome = {
    verdict,
    rewrite: rewrite ? { from: rewrite.from.token, to: rewrite.to.token } : null,
    control: control ?? null,
    doses,
    drift,
    overlaps,
    warnings: [
      ...(located?.localization.warnings ?? []),
      ...(warning ? [warning] : []),
      ...overlaps.map(
        ({ id, name, neurons: n }) => `shares ${n} neuron${n === 1 ? '' : 's'} with edit ${id} (${name})`,
      ),
      ...(drifted ? [`the model would drift beyond --drift-limit ${options.driftLimit}`] : []),
    ],
    seconds: (performance.now() - start) / 1000,
  } satisfies Outcome;
  const editId =
    status === 'applied' && context.ledger
      ? context.ledger.edits.apply(
          {
            name: edit.name,
            operation: operation.type,
            specification: edit,
            settings: located ? settings : undefined,
            localizationId: located?.localization.id,
            versions: versions(context),
            outcome,
            vectors: vectors.map((vector, i) => ({
              ...vector,
              share: neurons[i]?.share ?? 0,
              meanScore: neurons[i]?.meanScore ?? 0,
            })),
            before,
            after,
          },
          context.applied,
        )
      : null;
  return {
    editId,
    name: edit.name,
    operation: operation.type,
    status,
    ...outcome,
    neurons,
    before,
    after,
    regressions,
    metrics,
    localization: located?.localization ?? null,
  };
}

async function driftAround(context: Context, vectors: readonly VectorChange[]): Promise<Outcome['drift']> {
  const overlay = extendOverlay(
    context.overlay,
    vectors.map(({ at, after: vector }) => ({ at, vector })),
  );
  const before = await driftOf(context, context.overlay);
  const after = await driftOf(context, overlay);
  return before && after ? { before, after } : null;
}

/** The verdict, with effects signed in the direction that the operation intends. */
function judge(
  operation: Operation,
  { effect, sideEffects: { damage } }: EditMetrics,
  regressions: number,
  control: ControlResult | undefined,
): Verdict {
  const sign = lowers(operation) ? -1 : 1;
  const signed = ({ mean, low, high }: ControlResult['effect']) =>
    sign > 0 ? { mean, low, high } : { mean: -mean, low: -high, high: -low };
  return verdictOf({
    effect: sign * effect,
    damage: damage ?? 0,
    regressions,
    control: control && { effect: signed(control.effect), damage: control.damage },
  });
}

/** Whether an operation is meant to lower the probability of the object. */
function lowers(operation: Operation): boolean {
  if (operation.type === 'scale' || operation.type === 'amplify') return operation.factor < 1;
  return operation.type !== 'rewrite';
}

async function encodeTargets(
  context: Context,
  { fact, operation }: EditFile,
): Promise<{ object: EncodedTarget; rewrite: Measuring['rewrite'] }> {
  const targets = [{ field: 'fact.object', value: fact.object }];
  if (operation.type === 'rewrite') {
    targets.push({ field: 'operation.to', value: operation.to });
    targets.push({ field: 'operation.from', value: operation.from ?? fact.object });
  }
  const [object, to, from] = (await context.run('encode', { prompts: [], targets })).targets;
  if (!object) throw new Error('the object was not encoded');
  if (!to || !from) return { object, rewrite: undefined };
  if (to.ids.join() === from.ids.join())
    throw new InputError(`"${to.token}" is the old answer; name another one`, 'operation.to');
  return { object, rewrite: { from, to } };
}

/** The file's probes, and what is drawn from the fact base so that every edit is held against its surroundings. */
function probeRequests(
  { facts }: Context,
  { probes, fact: { prompts, object } }: EditFile,
  fact: { subject: string; relation: string; object: string },
): ProbeRequest[] {
  const drawn = drawProbes(facts, fact);
  const own = prompts.map((prompt, i): ProbeRequest => {
    return {
      role: 'target',
      field: `fact.prompts.${i}`,
      expectField: 'fact.object',
      prompt,
      expect: object,
      named: true,
    };
  });
  const others = (['paraphrase', 'neighborhood', 'unrelated'] as const).flatMap((role) => {
    const named = probes[role];
    const more = role === 'paraphrase' ? [] : drawn[role];
    const fresh = more.filter(({ prompt }) => !named.some((one) => one.prompt === prompt));
    return [...named, ...fresh].map(
      (probe, i): ProbeRequest => ({
        role,
        field: i < named.length ? `probes.${role}.${i}.prompt` : 'facts.json',
        expectField: i < named.length ? `probes.${role}.${i}.expect` : 'facts.json',
        named: i < named.length,
        ...probe,
      }),
    );
  });
  return [...own, ...others];
}
