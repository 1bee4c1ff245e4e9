// Controls of an edit: the same operation where nothing was located, and at other doses.
import type { NeuronId } from '../lm/overlay.js';
import type { Evidence } from '../probe/comparison.js';
import { type Interval, positiveInterval, predictionInterval } from '../probe/interval.js';
import { effectOf, sideEffects } from '../probe/metrics.js';
import { isOwn, type ProbeResult } from '../probe/results.js';
import type { Intent } from '../probe/standing.js';

import { seeded } from '../random.js';
import { layerShifted, matchedRandom } from '../surgery/controls.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import { carryOut, overlayWith } from './operate.js';
import type { EditMetrics } from './outcome.js';
import type { Perplexity } from './perplexity.js';
import type { Plan } from './plan.js';

/** `random`: as many random neurons per layer; `layer`: the same neurons, moved to each other layer. */
export type ControlKind = 'random' | 'layer' | 'none';

/** The controls of an edit; the shape that scripts read. */
export interface ControlResult {
  kind: Exclude<ControlKind, 'none'>;
  /** Seeds of the random draws, or by how many layers the neurons were moved. */
  draws: {
    draw: number;
    effect: number;
    damage: number;
    flips: number | null;
    perplexityRise: number | null;
  }[];
  /** Mean change of probability on the fact, signed as measured. */
  effect: Interval;
  /** Mean absolute change of P(expected) on neighbourhood and unrelated probes. */
  damage: Interval;
  /** Share of these probes whose top answer changed; null where there are none. */
  flips: Interval | null;
  /** By which share perplexity on ordinary text rose; null where that is not measured. */
  perplexityRise: Interval | null;
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

/** Control neurons of one draw. @internal */
export interface ControlChoice {
  kind: ControlResult['kind'];
  /** Seed of a random draw, or by how many layers the neurons were moved. */
  draw: number;
  neurons: NeuronId[];
}

/**
 * Neurons to compare with; none when no control is wanted, or there are no other neurons to draw.
 * @param layers those to which neurons can be moved, in order
 * @param seeds number of random draws
 * @internal
 */
export function controlChoices(
  { model }: Context,
  neurons: readonly NeuronId[],
  layers: readonly number[],
  kind: ControlKind,
  seeds: number,
): ControlChoice[] {
  if (kind === 'none') return [];
  const count = kind === 'random' ? seeds : layers.length - 1;
  return Array.from({ length: count }, (_, i) => ({
    kind,
    draw: i + 1,
    neurons:
      kind === 'random'
        ? matchedRandom(neurons, model.neurons, seeded(i + 1))
        : layerShifted(neurons, layers, i + 1),
  })).filter((choice) => choice.neurons.length === neurons.length);
}

/** Why there is no control although one is wanted, and what helps; undefined where there is one. @internal */
export function noControl(
  { model }: Context,
  neurons: readonly NeuronId[],
  kind: ControlKind,
  choices: readonly ControlChoice[],
): string | undefined {
  if (kind === 'none' || choices.length > 0) return undefined;
  if (kind === 'layer') {
    return 'no control: the model has no other layer with vectors of its own; use --control random';
  }
  const layers = new Set(neurons.map(([layer]) => layer)).size;
  return neurons.length === layers * model.neurons
    ? `no control: every neuron of the ${layers === 1 ? 'layer' : 'layers'} changes`
    : `no control: ${neurons.length} neurons are changed, and a layer has too few others to draw as many from; ` +
        'change fewer of them ("neurons")';
}

/**
 * Carries the operation out on control neurons.
 * @param plans what it does to each choice
 * @param perplexity where it is to be measured
 * @returns what they came to, and the probes after each draw; undefined when there is no choice
 * @internal
 */
export async function runControls(
  context: Context,
  operator: Operator,
  choices: readonly ControlChoice[],
  plans: readonly Plan[],
  before: readonly ProbeResult[],
  perplexity: Perplexity | undefined,
): Promise<{ control: ControlResult; drawn: ProbeResult[][] } | undefined> {
  const [first] = choices;
  if (!first) return undefined;
  let done = 0;
  context.progress('control', 0, choices.length);
  const found = await Promise.all(
    choices.map(async ({ draw }, i) => {
      const plan = plans[i] ?? { neurons: [], changes: [] };
      const { after, vectors } = await carryOut(context, operator, plan);
      const perplexityRise = (await perplexity?.rise(overlayWith(context, vectors))) ?? null;
      context.progress('control', ++done, choices.length);
      return { draw, after, perplexityRise };
    }),
  );
  const draws = found.map(({ draw, after, perplexityRise }) => {
    const { damage, flips } = sideEffects(before, after);
    return { draw, effect: effectOf(before, after), damage: damage ?? 0, flips: flips.all, perplexityRise };
  });
  const half = 0.5 / Math.max(1, before.filter((one) => !isOwn(one)).length);
  const drawn = found.map(({ after }) => after);
  const control: ControlResult = {
    kind: first.kind,
    draws,
    effect: withinOne(predictionInterval(draws.map(({ effect }) => effect))),
    damage: positiveInterval(draws.map(({ damage }) => damage)),
    // A share of zero says no more than that it is less than one probe's.
    flips: intervalOf(
      draws.map(({ flips }) => flips),
      { least: half, most: 1 },
    ),
    perplexityRise: intervalOf(
      draws.map((one) => one.perplexityRise),
      RISE,
    ),
    after: meanProbes(drawn),
  };
  return { control, drawn };
}

function intervalOf(
  values: readonly (number | null)[],
  bounds: Parameters<typeof positiveInterval>[1],
): Interval | null {
  const measured = values.filter((one) => one !== null);
  return measured.length > 0 ? positiveInterval(measured, bounds) : null;
}

/** A rise of perplexity below which it says nothing; it has no upper bound. */
const RISE = { least: 1e-4, most: Number.POSITIVE_INFINITY };

/** A change of probability lies between -1 and 1. */
function withinOne({ mean, low, high }: Interval): Interval {
  return { mean, low: low && Math.max(-1, low), high: high && Math.min(1, high) };
}

/** Effect and damage of an edit and of its controls, with effects signed in the direction that the operation intends. */
export function evidenceOf(
  intent: Intent,
  { effect, sideEffects: { damage, flips } }: EditMetrics,
  perplexityRise: number | null,
  control: ControlResult | undefined,
): Evidence {
  const lower = intent === 'lower';
  const signed = ({ mean, low, high }: Interval): Interval =>
    lower ? { mean: -mean, low: high && -high, high: low && -low } : { mean, low, high };
  return {
    effect: lower ? -effect : effect,
    harm: { damage, flips: flips.all, perplexityRise },
    control: control && { effect: signed(control.effect), harm: control },
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
  plan: Plan,
  before: readonly ProbeResult[],
  doses: readonly number[],
): Promise<DosePoint[]> {
  const points: DosePoint[] = [];
  for (const dose of doses) {
    const { after } = await carryOut(context, operator, plan, { dose });
    const { damage, flips } = sideEffects(before, after);
    points.push({
      dose,
      effect: effectOf(before, after),
      damage: damage ?? 0,
      flips: flips.all ?? 0,
    });
  }
  return points;
}
