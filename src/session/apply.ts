// Applying an edit: locate, evaluate, record.
import { InputError } from '../errors.js';
import { type EditFile, isAtSubject, isOfWholeLayers, needsLocating } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import { chooseNeurons } from './choose.js';
import type { Context } from './context.js';
import { type EncodedEdit, encodeGiven } from './edit-probes.js';
import {
  type ApplyOptions,
  type Brevity,
  type Evaluated,
  evaluate,
  type JudgedEdit,
  type Prepared,
  statusOf,
} from './evaluate.js';
import { answersOf, type FactAnswer, factWarnings, lackingWarning } from './fact-warnings.js';
import { type Localization, locateFact, recordLocalization } from './locate.js';
import type { EncodedProbe } from './measure.js';
import { basisOf, MeasuredEdits } from './measured.js';
import type { SweptValue } from './swept.js';
import { writing } from './writing.js';

/** What became of an edit of a fact; the shape that scripts read. */
export interface ApplyResult extends JudgedEdit {
  /** Where its neurons come from: located, named in the file, selected at the subject, or all of its layers. */
  chosen: 'located' | 'named' | 'selected' | 'all';
  localization: Localization | null;
  /** What it did at each value of a setting that was tried. */
  sweep: SweptValue[];
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
  const encoded = await encodeGiven(context, given);
  const basis = basisOf(context, encoded.given, settings, options);
  const known = options.measured && dryRuns.find(options.measured, basis);
  if (typeof known === 'string') context.note(`${known}: it is measured again`);
  if (typeof known === 'object') return recordMeasured(context, encoded, known, options);
  const evaluated = await evaluateEdit(context, encoded, settings, options);
  if (options.dryRun) dryRuns.keep(basis, { ...evaluated, located: options.located });
  return recordEdit(context, evaluated);
}

const dryRuns = new MeasuredEdits<ApplyResult>();

/** Records an edit as it was measured in a dry run, with the localization that it rests on; computes nothing. */
async function recordMeasured(
  context: Context,
  { given }: EncodedEdit,
  { result, record, located }: Evaluated<ApplyResult>,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { name } = given;
  const judged = { ...result, ...statusOf(result, options), name };
  if (judged.status !== 'applied') return judged;
  const id = located ? await recordLocalization(context, located) : record.localizationId;
  return recordEdit(context, {
    result: { ...judged, localization: judged.localization && { ...judged.localization, id } },
    record: { ...record, name, specification: given, localizationId: id },
  });
}

/**
 * Evaluates an edit on the model in its present state; nothing is recorded.
 * @param beside the wordings of each edit that is to come, to be held
 * @throws InputError when the file does not fit the model, or no neuron is located
 * @internal
 */
export async function evaluateEdit(
  context: Context,
  { given, edit, warnings: repeats, fact, rewrite, probes }: EncodedEdit,
  settings: LocateSettings,
  options: ApplyOptions & Brevity,
  beside?: Prepared['beside'],
): Promise<Evaluated<ApplyResult>> {
  const start = performance.now();
  const located = !needsLocating(edit)
    ? undefined
    : (options.located ?? (await locateFact(context, edit.fact, settings)));
  const others = context.edits.length + (beside?.length ?? 0);
  const unreached = isAtSubject(edit) ? await beginningWarnings(context, edit.fact.subject, probes) : [];
  const operator = { edit, rewrite, probes, whatIf: options.whatIf === true };
  const { result, ...rest } = await evaluate(
    context,
    {
      start,
      specification: given,
      operator,
      fact,
      choose: (stays) => chooseNeurons(context, edit, located, stays, others),
      beside,
      settings: located ? settings : undefined,
      localizationId: located?.localization.id,
      warnings: (before) => [
        ...(located?.localization.warnings ?? unlocatedWarnings(context, fact, answersOf(probes, before))),
        ...repeats,
        ...unreached,
      ],
    },
    options,
  );
  const { operation } = edit;
  const isAll = isOfWholeLayers(edit) || (operation.type === 'rewrite' && operation.choose === 'all');
  const origin = located ? 'located' : edit.neurons ? 'named' : isAll ? 'all' : 'selected';
  const localization = located?.localization ?? null;
  return { ...rest, result: { ...result, chosen: origin, localization, sweep: [] } };
}

/** @throws InputError when an edit is to be recorded and there is no ledger for it */
export function expectLedger(context: Context, { dryRun, whatIf }: ApplyOptions): void {
  if (dryRun || whatIf || context.ledger) return;
  throw new InputError('--base ignores the ledger, so nothing can be applied; add --dry-run, or drop --base');
}

/** Records an edit, unless it is a dry run or refused. @internal */
export async function recordEdit<R extends JudgedEdit>(
  context: Context,
  { result, record }: Pick<Evaluated<R>, 'result' | 'record'>,
): Promise<R> {
  const { ledger, applied } = context;
  if (result.status !== 'applied' || !ledger) return result;
  const [editId = null] = await writing(context, () => ledger.edits.apply([record], applied));
  return { ...result, editId };
}

/** Of the prompts that begin with the subject: there a decoder holds nothing of it that could be edited. */
async function beginningWarnings(
  context: Context,
  subject: string,
  probes: readonly EncodedProbe[],
): Promise<string[]> {
  const prompts = probes.filter(({ role }) => role === 'target').map(({ prompt }) => prompt);
  const found = await context.run('beginningWith', { subject, prompts });
  return found.map(
    (prompt) => `"${prompt}" begins with the subject, so that the edit acts there only behind other words`,
  );
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
