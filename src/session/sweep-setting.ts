// Trying a setting of a rewrite at several values: the smallest that works and harms nothing is the one to take.
import { type EditFile, editSchema, needsLocating, withMethod } from '../spec/edit-file.js';
import { validate } from '../spec/json.js';
import type { LocateSettings } from '../spec/settings.js';
import { type ApplyResult, evaluateEdit, expectLedger, recordEdit } from './apply.js';
import type { Context } from './context.js';
import { encodeGiven } from './edit-probes.js';
import type { ApplyOptions, Evaluated, JudgedEdit } from './evaluate.js';
import { locateFact } from './locate.js';
import type { Sweep, SweptValue } from './swept.js';

/**
 * Tries a setting at several values without controls, and applies the edit at the smallest at which it works; if there is one.
 * @throws InputError when the file does not fit the model, or the setting does not go with the edit's method
 */
export async function sweepEdit(
  context: Context,
  given: EditFile,
  settings: LocateSettings,
  options: ApplyOptions,
  sweep: Sweep,
): Promise<ApplyResult> {
  expectLedger(context, options);
  const named = withMethod(given, context.model.causal);
  const { located = needsLocating(named) ? await locateFact(context, named.fact, settings) : undefined } =
    options;
  const evaluateAt = async (edit: EditFile, more: ApplyOptions) =>
    evaluateEdit(context, await encodeGiven(context, edit), settings, { ...options, located, ...more });
  const tried: { edit: EditFile; at: SweptValue }[] = [];
  for (const { value, edit } of variantsOf(named, sweep)) {
    const { result } = await evaluateAt(edit, { control: 'none', doses: [] });
    tried.push({ edit, at: sweptValue(value, result) });
  }
  // Beside its controls it is held against more facts, and may turn out to harm those.
  let evaluated: Evaluated<ApplyResult> | undefined;
  let shown = tried.at(-1)?.at.value;
  for (const one of tried.filter(({ at }) => at.works)) {
    evaluated = await evaluateAt(one.edit, {});
    shown = one.at.value;
    one.at = sweptValue(one.at.value, evaluated.result);
    if (!one.at.works) continue;
    return recordEdit(context, {
      ...evaluated,
      result: { ...evaluated.result, sweep: tried.map(({ at }) => at) },
    });
  }
  const { result } = evaluated ?? (await evaluateAt(tried.at(-1)?.edit ?? named, {}));
  return {
    ...result,
    status: result.status === 'dry-run' ? 'dry-run' : 'refused',
    wouldRefuse: true,
    sweep: tried.map(({ at }) => at),
    warnings: [
      ...result.warnings,
      `at no value of ${sweep.field} does it work and harm nothing; the report is that of ${shown}`,
    ],
  };
}

/** The edit at each value, the smallest first. @throws InputError where the setting does not go with the edit's method */
function variantsOf(edit: EditFile, { field, values }: Sweep): { value: number; edit: EditFile }[] {
  return [...new Set(values)]
    .sort((a, b) => a - b)
    .map((value) => {
      const operation = { ...edit.operation, [field]: value };
      return { value, edit: validate(`--sweep ${field}`, { ...edit, operation }, editSchema) };
    });
}

function sweptValue(value: number, result: JudgedEdit): SweptValue {
  const { verdict, metrics, neurons, regressions, perplexity, reach, wouldRefuse } = result;
  const everywhere = [reach.target, reach.heldOut].every(({ after, of }) => after === of);
  return {
    value,
    neurons: neurons.length,
    verdict,
    effect: metrics.effect,
    flips: metrics.sideEffects.flips.all,
    regressions: regressions.length,
    perplexityRise: perplexity?.rise ?? null,
    works: everywhere && !wouldRefuse,
  };
}
