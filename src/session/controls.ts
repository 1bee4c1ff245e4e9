// Controls of an edit: the same operation where nothing was located, and at other doses.
import type { NeuronId } from '../lm/overlay.js';
import { effectOf, sideEffects } from '../probe/metrics.js';
import type { ProbeResult } from '../probe/results.js';
import { type Interval, positiveInterval, predictionInterval } from '../probe/verdict.js';
import { seeded } from '../random.js';
import { layerShifted, matchedRandom } from '../surgery/controls.js';
import type { Context } from './context.js';
import { type Operator, operate } from './operate.js';

/** `random`: as many random neurons per layer; `layer`: the same neurons, moved to each other layer. */
export type ControlKind = 'random' | 'layer' | 'none';

/** The controls of an edit; the shape that scripts read. */
export interface ControlResult {
  kind: Exclude<ControlKind, 'none'>;
  /** Seeds of the random draws, or by how many layers the neurons were moved. */
  draws: { draw: number; effect: number; damage: number }[];
  /** Mean change of probability on the fact, signed as measured. */
  effect: Interval;
  /** Mean absolute change of P(expected) on neighbourhood and unrelated probes. */
  damage: Interval;
  /** Probes after it, mean over the draws, in the order of the edit's. */
  after: { prob: number; newProb?: number | undefined }[];
}

/** One point of a dose curve. */
export interface DosePoint {
  dose: number;
  effect: number;
  damage: number;
  /** Share of neighbourhood and unrelated probes whose top answer changed. */
  flips: number;
}

/**
 * Carries the operation out on control neurons.
 * @param seeds number of random draws
 * @returns undefined when there are no other neurons to draw, or no control is wanted
 * @internal
 */
export async function runControls(
  context: Context,
  operator: Operator,
  neurons: readonly NeuronId[],
  before: readonly ProbeResult[],
  kind: ControlKind,
  seeds: number,
): Promise<ControlResult | undefined> {
  const { model } = context;
  if (kind === 'none') return undefined;
  const count = kind === 'random' ? seeds : model.layers - 1;
  const choices = Array.from({ length: count }, (_, i) => ({
    draw: i + 1,
    neurons:
      kind === 'random'
        ? matchedRandom(neurons, model.neurons, seeded(i + 1))
        : layerShifted(neurons, model.layers, i + 1),
  })).filter((choice) => choice.neurons.length === neurons.length);
  if (choices.length === 0) return undefined;
  let done = 0;
  context.progress('control', 0, choices.length);
  const found = await Promise.all(
    choices.map(async (choice) => {
      const { after } = await operate(context, operator, choice.neurons);
      context.progress('control', ++done, choices.length);
      return { draw: choice.draw, after };
    }),
  );
  const draws = found.map(({ draw, after }) => ({
    draw,
    effect: effectOf(before, after),
    damage: sideEffects(before, after).damage ?? 0,
  }));
  return {
    kind,
    draws,
    effect: predictionInterval(draws.map(({ effect }) => effect)),
    damage: positiveInterval(draws.map(({ damage }) => damage)),
    after: meanProbes(found.map(({ after }) => after)),
  };
}

/** Mean probability of each probe over several draws. */
function meanProbes(draws: readonly (readonly ProbeResult[])[]): ControlResult['after'] {
  const mean = (value: (probe: ProbeResult) => number, i: number) =>
    draws.reduce((sum, draw) => sum + (draw[i] ? value(draw[i]) : 0), 0) / draws.length;
  return (draws[0] ?? []).map(({ newProb }, i) => ({
    prob: mean((one) => one.prob, i),
    ...(newProb !== undefined && { newProb: mean((one) => one.newProb ?? 0, i) }),
  }));
}

/** The operation on its own neurons, at several doses. @internal */
export async function runDoses(
  context: Context,
  operator: Operator,
  neurons: readonly NeuronId[],
  before: readonly ProbeResult[],
  doses: readonly number[],
): Promise<DosePoint[]> {
  const points: DosePoint[] = [];
  for (const dose of doses) {
    const { after } = await operate(context, operator, neurons, dose);
    const { damage, flips } = sideEffects(before, after);
    const pooled = [flips.neighborhood, flips.unrelated].filter((one) => one !== null);
    points.push({
      dose,
      effect: effectOf(before, after),
      damage: damage ?? 0,
      flips: pooled.reduce((sum, one) => sum + one, 0) / Math.max(1, pooled.length),
    });
  }
  return points;
}
