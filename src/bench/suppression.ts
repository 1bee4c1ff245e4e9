// Does location matter? Suppress and amplify the knowledge neurons of many facts, beside as many random neurons of the
// same layers, and measure the fact itself and the facts around it (Dai et al. 2022, section 4.3).

import type { LanguageModel } from '../lm/language-model.js';
import { type NeuronId, NO_OVERLAY } from '../lm/overlay.js';
import { questionsOf, tokensIn } from '../lm/prompt.js';
import { averageAnswer } from '../locate/answer.js';
import { attribute } from '../locate/attribution.js';
import { coarseNeurons } from '../locate/coarse.js';
import { meanMap, refine } from '../locate/refined.js';
import { probe } from '../probe/probe.js';
import { draw } from '../random.js';
import type { BaseFact } from '../spec/fact-base.js';
import { resolveSettings, settingsSchema } from '../spec/settings.js';
import { changed } from '../surgery/changed.js';

export const GROUPS = ['own prompts', 'held-out prompts', 'same relation', 'other relations'] as const;
export type Group = (typeof GROUPS)[number];

const OPERATIONS = ['suppress', 'amplify'] as const;

/** Means over the facts, for one operation on one choice of neurons. */
export interface Effect {
  operation: (typeof OPERATIONS)[number];
  /** Which neurons, as they are called by who chose them. */
  neurons: string;
  /** How many of them. */
  count: number;
  /** P(expected object). */
  before: Record<Group, number>;
  after: Record<Group, number>;
  /** Mean relative change of the expected object's probability: -0.3 is a loss of 30%. */
  change: Record<Group, number>;
  /** Share of prompts whose top answer is another one than before. */
  flips: Record<Group, number>;
}

/** What an operation multiplies value vectors with: as in the paper, nothing is left of them, or they are doubled. */
const FACTORS = { suppress: 0, amplify: 2 } as const;

/** What is operated on, and measured. */
export interface Trials {
  /** Facts that are operated on, one at a time. */
  chosen: readonly BaseFact[];
  /** Those around them. */
  facts: readonly BaseFact[];
  /** Other facts that are probed with each, per group. */
  others: number;
  /** Some neurons of a fact, by what they are called: the same names for every fact. */
  choose: (fact: BaseFact) => Promise<Record<string, NeuronId[]>> | Record<string, NeuronId[]>;
  random: () => number;
  /** Is told how many facts are done, and what they come to. */
  onFact?: (done: number, effects: Effect[]) => void;
}

/** Both operations on each choice of neurons of each fact. */
export async function measureOperations(
  model: LanguageModel,
  { chosen, facts, others, choose, random, onFact }: Trials,
): Promise<Effect[]> {
  const cases = new Map<string, Case>();
  const effects = () => [...cases.values()].map(effectOf);
  for (const [i, fact] of chosen.entries()) {
    const choices = Object.entries(await choose(fact));
    const prompts = promptsAround(facts, fact, others, random);
    const questions = prompts.map(({ prompt, object }) => ({
      prompt: model.tokenizer.encodePrompt(prompt),
      ask: [model.tokenizer.encodeTarget(object)],
    }));
    const before = probe(model, questions, 1);
    for (const operation of OPERATIONS) {
      for (const [name, neurons] of choices) {
        const scale = FACTORS[operation];
        model.use(
          changed(
            model,
            neurons,
            neurons.map(() => ({ scale })),
          ),
        );
        const after = probe(model, questions, 1);
        model.use(NO_OVERLAY);
        const key = `${operation} ${name}`;
        const one = cases.get(key) ?? { operation, neurons: name, counts: [], pairs: [] };
        cases.set(key, one);
        one.counts.push(neurons.length);
        prompts.forEach(({ group }, k) => {
          const [was, now] = [before[k], after[k]];
          if (was && now) one.pairs.push({ group, was: seenOf(was), now: seenOf(now) });
        });
      }
    }
    onFact?.(i + 1, effects());
  }
  return effects();
}

/** The top answer, and P(expected). */
interface Seen {
  top: number | undefined;
  prob: number;
}

interface Case extends Pick<Effect, 'operation' | 'neurons'> {
  counts: number[];
  pairs: { group: Group; was: Seen; now: Seen }[];
}

function seenOf({ top, asked }: ReturnType<typeof probe>[number]): Seen {
  return { top: top[0]?.id, prob: asked[0]?.prob ?? 0 };
}

function effectOf({ operation, neurons, counts, pairs }: Case): Effect {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const of = (value: (pair: Case['pairs'][number]) => number) =>
    perGroup((group) => mean(pairs.filter((one) => one.group === group).map(value)));
  return {
    operation,
    neurons,
    count: mean(counts),
    before: of(({ was }) => was.prob),
    after: of(({ now }) => now.prob),
    change: of(({ was, now }) => now.prob / was.prob - 1),
    flips: of(({ was, now }) => Number(was.top !== now.top)),
  };
}

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

function promptsAround(
  facts: readonly BaseFact[],
  fact: BaseFact,
  count: number,
  random: () => number,
): GroupedPrompt[] {
  const { object } = fact;
  /** One held-out wording each of some other facts. */
  const others = (group: Group, belongs: (one: BaseFact) => boolean) =>
    draw(facts.filter(belongs), count, random).flatMap((one) =>
      draw(one.heldOut, 1, random).map((prompt) => ({ group, prompt, object: one.object })),
    );
  return [
    ...fact.prompts.map((prompt) => ({ group: 'own prompts' as const, prompt, object })),
    ...fact.heldOut.map((prompt) => ({ group: 'held-out prompts' as const, prompt, object })),
    ...others('same relation', (one) => one.relation === fact.relation && one.object !== object),
    ...others('other relations', (one) => one.relation !== fact.relation),
  ];
}

/** The knowledge neurons of a fact, generic ones among them. */
export function locateAlone(model: LanguageModel, fact: BaseFact): NeuronId[] {
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
