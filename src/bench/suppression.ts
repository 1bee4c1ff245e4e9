// Does location matter? Suppress and amplify the knowledge neurons of many facts, beside as many random neurons of the
// same layers, and measure the fact itself and the facts around it (Dai et al. 2022, section 4.3).

import type { LanguageModel } from '../lm/language-model.js';
import { extendOverlay, type NeuronId, NO_OVERLAY, type Overlay } from '../lm/overlay.js';
import { questionsOf, tokensIn } from '../lm/prompt.js';
import { averageAnswer } from '../locate/answer.js';
import { attribute } from '../locate/attribution.js';
import { coarseNeurons } from '../locate/coarse.js';
import { meanMap, refine } from '../locate/refined.js';
import { probe } from '../probe/probe.js';
import { draw, seeded } from '../random.js';
import type { BaseFact } from '../spec/fact-base.js';
import { resolveSettings, settingsSchema } from '../spec/settings.js';
import { applyChange } from '../surgery/change.js';
import { matchedRandom } from '../surgery/controls.js';

export const GROUPS = ['own prompts', 'held-out prompts', 'same relation', 'other relations'] as const;
export type Group = (typeof GROUPS)[number];

/** Means over the facts, for one operation on one choice of neurons. */
export interface Effect {
  operation: 'suppress' | 'amplify';
  neurons: 'located' | 'random';
  /** Mean relative change of the expected object's probability: -0.3 is a loss of 30%. */
  change: Record<Group, number>;
  /** Share of prompts whose top answer is another one than before. */
  flips: Record<Group, number>;
}

/** Other facts that are probed with each fact, per group. */
const OTHERS = 20;

/**
 * @param count facts, drawn with `seed`
 * @returns located and random neurons under each operation, and the mean number of refined neurons
 */
export function measureOperations(
  model: LanguageModel,
  facts: readonly BaseFact[],
  count: number,
  seed: number,
  onProgress?: (done: number) => void,
): { effects: Effect[]; meanNeurons: number } {
  const random = seeded(seed);
  const sums = new Map<string, Sum>();
  let refined = 0;
  const chosen = draw(facts, count, random);
  chosen.forEach((fact, done) => {
    onProgress?.(done);
    const neurons = locate(model, fact);
    refined += neurons.length;
    const choices = { located: neurons, random: matchedRandom(neurons, model.info.neurons, random) };
    const prompts = promptsAround(facts, fact, random);
    const questions = prompts.map(({ prompt, object }) => ({
      prompt: model.tokenizer.encodePrompt(prompt),
      ask: [model.tokenizer.encodeTarget(object)],
    }));
    const before = probe(model, questions, 1);
    for (const { operation, choice, scale } of CASES) {
      model.use(scaled(model, choices[choice], scale));
      const after = probe(model, questions, 1);
      model.use(NO_OVERLAY);
      prompts.forEach(({ group }, i) => {
        const key = `${operation} ${choice} ${group}`;
        const sum = sums.get(key) ?? { change: 0, flips: 0, count: 0 };
        sum.change += (after[i]?.asked[0]?.prob ?? 0) / (before[i]?.asked[0]?.prob ?? 1) - 1;
        sum.flips += Number(after[i]?.top[0]?.id !== before[i]?.top[0]?.id);
        sum.count++;
        sums.set(key, sum);
      });
    }
  });
  const effects = CASES.map(({ operation, choice }): Effect => {
    const mean = (field: 'change' | 'flips') => (group: Group) => {
      const sum = sums.get(`${operation} ${choice} ${group}`);
      return sum ? sum[field] / sum.count : 0;
    };
    return { operation, neurons: choice, change: perGroup(mean('change')), flips: perGroup(mean('flips')) };
  });
  return { effects, meanNeurons: refined / chosen.length };
}

interface Sum {
  change: number;
  flips: number;
  count: number;
}

const CASES = [
  { operation: 'suppress', choice: 'located', scale: 0 },
  { operation: 'suppress', choice: 'random', scale: 0 },
  { operation: 'amplify', choice: 'located', scale: 2 },
  { operation: 'amplify', choice: 'random', scale: 2 },
] as const;

function perGroup(value: (group: Group) => number): Record<Group, number> {
  return {
    'own prompts': value('own prompts'),
    'held-out prompts': value('held-out prompts'),
    'same relation': value('same relation'),
    'other relations': value('other relations'),
  };
}

interface GroupedPrompt {
  group: Group;
  prompt: string;
  object: string;
}

function promptsAround(facts: readonly BaseFact[], fact: BaseFact, random: () => number): GroupedPrompt[] {
  const { object } = fact;
  /** One held-out wording each of some other facts. */
  const others = (group: Group, belongs: (one: BaseFact) => boolean) =>
    draw(facts.filter(belongs), OTHERS, random).flatMap((one) =>
      draw(one.heldOut, 1, random).map((prompt) => ({ group, prompt, object: one.object })),
    );
  return [
    ...fact.prompts.map((prompt) => ({ group: 'own prompts' as const, prompt, object })),
    ...fact.heldOut.map((prompt) => ({ group: 'held-out prompts' as const, prompt, object })),
    ...others('same relation', (one) => one.relation === fact.relation && one.object !== object),
    ...others('other relations', (one) => one.relation !== fact.relation),
  ];
}

/** The overlay in which the value vectors of some neurons are scaled. */
function scaled(model: LanguageModel, neurons: readonly NeuronId[], scale: number): Overlay {
  const { hidden } = model.info;
  const values = model.valueVectors(neurons);
  const vectors = neurons.map((at, i) => ({
    at,
    vector: applyChange(values.slice(i * hidden, (i + 1) * hidden), { scale }),
  }));
  return extendOverlay(NO_OVERLAY, vectors);
}

function locate(model: LanguageModel, fact: BaseFact): NeuronId[] {
  const settings = settingsSchema.parse(resolveSettings({}));
  const { thresholdMode: mode, threshold: value, strict, share, minPrompts } = settings;
  const target = model.tokenizer.encodeTarget(fact.object);
  const maps = fact.prompts.map((text) => {
    const prompt = model.tokenizer.encodePrompt(text);
    const questions = questionsOf(prompt, tokensIn(prompt, target));
    return averageAnswer(questions.map((one) => attribute(model, one, one.target, settings))).scores;
  });
  const width = model.info.neurons;
  const coarse = maps.map((scores) => coarseNeurons(scores, width, { mode, value, strict }).neurons);
  const { neurons } = refine(coarse, meanMap(maps), width, { share, strict, minPrompts });
  return neurons.map(({ layer, neuron }) => [layer, neuron]);
}
