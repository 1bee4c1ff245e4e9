// Erasing a relation of a finished run by the neurons that most of its facts share, as a dry run: what is left of the relation,
// and of the others, beside the same on other neurons (Dai et al. 2022, section 5.2).
import { type NeuronId, toNeuronId } from '../../lm/overlay.js';
import { owningLayers } from '../../lm/owners.js';
import { commonNeurons } from '../../locate/refined.js';
import { surpriseAt } from '../../probe/metrics.js';
import type { ProbeResult } from '../../probe/results.js';
import { draw, seeded } from '../../random.js';
import { byOwners } from '../../session/choose.js';
import type { Context } from '../../session/context.js';
import { controlChoices, noControl } from '../../session/controls.js';
import type { Operator } from '../../session/edit-probes.js';
import { relationEdit } from '../../session/erase.js';
import { encodeProbes, measure, type ProbeRequest } from '../../session/measure.js';
import { carryOut } from '../../session/operate.js';
import { Planner } from '../../session/plan.js';
import { Meter } from '../meter.js';
import type { ReportResult } from '../report/results.js';
import type { AskedFact, ErasedRelation, ErasureSettings } from './file.js';

/** What is to be erased of a relation. */
export interface PlannedErasure {
  relation: string;
  /** The relation's facts in the run. */
  facts: readonly ReportResult[];
  neurons: ErasedRelation['neurons'];
  /** The neurons, and those of each draw of the control; none where the relation has no neuron. */
  choices: NeuronId[][];
  /** How often the model answers: before, and after each choice. */
  steps: number;
}

/** Chooses the relation's commonest neurons, and those to compare with. */
export function planErasure(
  context: Context,
  relation: string,
  facts: readonly ReportResult[],
  { neurons: count, control, seeds }: ErasureSettings,
): PlannedErasure {
  const chosen = commonNeurons(facts.map(({ neurons }) => neurons)).slice(0, count);
  const neurons = byOwners(context.model, chosen);
  if (neurons.length === 0) return { relation, facts, neurons, choices: [], steps: 0 };
  const ids = neurons.map(toNeuronId);
  const draws = controlChoices(context, ids, owningLayers(context.model), control, seeds);
  const missing = noControl(context, ids, control, draws);
  if (missing) context.note(`${relation}: ${missing}`);
  const choices = [ids, ...draws.map((one) => one.neurons)];
  return { relation, facts, neurons, choices, steps: 1 + choices.length };
}

/**
 * Erases a relation and measures it; nothing is recorded. All prompts of the facts that are asked are asked, as the paper does:
 * those of the relation are those by which its neurons were located.
 * @param onStep is told whenever the model has answered once more, `planned.steps` times in all
 * @throws InputError when the value is none that the model can be given; InterruptedError
 */
export async function eraseOf(
  context: Context,
  { relation, facts, neurons, choices }: PlannedErasure,
  results: readonly ReportResult[],
  { neurons: count, value, limit, seed }: ErasureSettings,
  onStep: () => void,
): Promise<ErasedRelation> {
  const meter = new Meter();
  const found = { relation, facts: facts.length, neurons };
  if (choices.length === 0) return { ...found, own: [], others: [], ...meter.lap() };
  const own = draw(facts, limit, seeded(seed));
  const others = draw(
    results.filter((one) => one.relation !== relation),
    limit,
    seeded(seed),
  );
  const asked = [...own, ...others];
  const edit = relationEdit(relation, { type: 'erase', value, neurons: count });
  const probes = await encodeProbes(context, asked.flatMap(requestsOf));
  const operator: Operator = { edit, rewrite: undefined, probes, whatIf: false };
  const plans = await new Planner(context, operator, choices, []).plans();
  const sides = (answers: readonly ProbeResult[]) => {
    onStep();
    const left = [...answers];
    return asked.map(({ prompts }) => sideOf(left.splice(0, prompts.length)));
  };
  const before = sides(await measure(context, probes, { overlay: context.overlay }));
  const after: ReturnType<typeof sides>[] = [];
  for (const plan of plans) after.push(sides((await carryOut(context, operator, plan)).after));
  const [erased = [], ...controls] = after;
  const measured = asked.flatMap(({ id }, i): AskedFact[] => {
    const [was, now] = [before[i], erased[i]];
    return was && now
      ? [{ id, before: was, after: now, controls: controls.flatMap((one) => one[i] ?? []) }]
      : [];
  });
  return { ...found, own: measured.slice(0, own.length), others: measured.slice(own.length), ...meter.lap() };
}

function requestsOf({ id, object, prompts }: ReportResult): ProbeRequest[] {
  return prompts.map(({ prompt }) => {
    return { role: 'target', field: id, expectField: id, prompt, expect: object, named: false };
  });
}

function sideOf(answers: readonly ProbeResult[]): AskedFact['before'] {
  const mean = (value: (one: ProbeResult) => number) =>
    answers.reduce((sum, one) => sum + value(one), 0) / answers.length;
  return {
    accuracy: mean(({ rank }) => Number(rank === 1)),
    surprise: mean(({ prob }) => surpriseAt(prob)),
  };
}
