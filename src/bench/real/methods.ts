// The ways to rewrite a fact that are held against each other: each gives value vectors in place of the base's.
import type { LanguageModel } from '../../lm/language-model.js';
import type { NeuronId, Overlay } from '../../lm/overlay.js';
import { exactly, type Question, type Sequence } from '../../lm/prompt.js';
import { attribute } from '../../locate/attribution.js';
import { coarseNeurons } from '../../locate/coarse.js';
import { meanRow } from '../../numbers.js';
import { draw } from '../../random.js';
import { NEURONS } from '../../spec/choices.js';
import { type Operation, operationSchema } from '../../spec/edit-file.js';
import type { Change } from '../../surgery/change.js';
import { changed } from '../../surgery/changed.js';
import { keysAt } from '../../surgery/keys.js';
import { holding, type Metric, partOf } from '../../surgery/metric.js';
import { closedChange } from '../../surgery/operations.js';
import { selectNeurons } from '../../surgery/selection.js';
import { heldGram, solveRewrites } from '../../surgery/solve.js';
import { solveAtSubject } from '../../surgery/subject/solve.js';
import { factTexts, subjectIn } from '../../surgery/subject/texts.js';
import type { Asked } from './asked.js';

export const METHODS = ['subject', 'random', 'rome', 'solve', 'relative', 'absolute'] as const;
export type Method = (typeof METHODS)[number];

/** What all edits of a run have in common. */
export interface Bench {
  model: LanguageModel;
  /** Where edits at the subject are made. */
  layer: number;
  /** C of that layer. */
  metric: Metric;
  /** Value vectors that change, a row of the table for each. */
  neurons: readonly number[];
  /** Draws of random neurons. */
  draws: number;
  /** Known facts. */
  held: readonly HeldFact[];
  /** Prompts that are asked after an edit of a fact, beside its own and its neighbours'. */
  promptsBeside: (fact: Asked) => readonly string[];
  random: () => number;
}

/** A fact that edits of others leave as it is. */
export interface HeldFact {
  fact: Asked;
  /** What the layer's neurons say at its subject [F]. */
  key: Float32Array;
}

export interface Edit {
  /** As the table has it. */
  name: string;
  overlay: Overlay;
  /** Of finding it. `subject` and `random` share the search for what is to be said, which counts for each. */
  seconds: number;
}

/** Value vectors of `solve`, and the rule that finds them. */
const LOCATED = NEURONS.solve;
const RULE = { rule: 'gauss-legendre', steps: 3, tolerance: 1, site: 'post' } as const;
/** What makes a neuron a coarse one (Dai et al. 2022). */
const RATIO = 0.2;

/**
 * The edits of one fact, by the methods asked for.
 * @throws InputError when its prompt does not name its subject
 */
export function editsOf(bench: Bench, fact: Asked, methods: readonly Method[]): Edit[] {
  const few = methods.filter((one) => one === 'subject' || one === 'random');
  const located = methods.filter((one) => one === 'solve' || one === 'relative' || one === 'absolute');
  return [
    ...(few.length > 0 ? editsAtSubject(bench, fact, few, heldBeside(bench, fact)) : []),
    ...(methods.includes('rome') ? editsAtSubject(bench, fact, ['rome']) : []),
    ...(located.length > 0 ? editsOfLocated(bench, fact, located) : []),
  ];
}

/** Known facts with their keys, as far as their prompts name their subjects. */
export function heldFacts(
  { model, layer }: Pick<Bench, 'model' | 'layer'>,
  facts: readonly Asked[],
): HeldFact[] {
  const { neurons } = model.info;
  const found = facts.flatMap((fact) => subjectIn(model, fact).map((text) => ({ fact, text })));
  const texts = found.map(({ text }) => text);
  const keys = keysAt(model, texts, layer);
  return found.map(({ fact }, i) => ({ fact, key: keys.slice(i * neurons, (i + 1) * neurons) }));
}

/** What an edit may hold: of a subject that a measured prompt names, nothing. */
function freeFor({ held, promptsBeside }: Bench, fact: Asked): HeldFact[] {
  const measured = [fact, ...fact.neighbours].map(({ prompt }) => prompt.prompt).concat(promptsBeside(fact));
  return held.filter((one) => !measured.some((prompt) => prompt.includes(one.fact.subject)));
}

/**
 * The keys that a rewrite at the subject holds [n, F], in groups like those of `kn-edit apply`: facts of the same object, of the
 * relation, and others.
 */
export function heldBeside(bench: Bench, fact: Asked): Float32Array[] {
  const free = freeFor(bench, fact);
  const isNear = (one: Asked) => one.relation !== undefined && one.relation === fact.relation;
  const groupOf = (one: Asked) => (one.truth === fact.truth ? 0 : isNear(one) ? 1 : 2);
  return [0, 1, 2].map((group) =>
    Float32Array.from(free.flatMap((one) => (groupOf(one.fact) === group ? [...one.key] : []))),
  );
}

/** An edit at the subject changes some neurons of its layer. */
interface Choice {
  name: string;
  neurons: readonly number[];
}

export function editsAtSubject(
  bench: Bench,
  fact: Asked,
  methods: readonly Method[],
  held: readonly Float32Array[] = [],
): Edit[] {
  const { model, layer } = bench;
  const start = performance.now();
  const metric = held.reduce(holding, bench.metric);
  const { subject, prompt } = fact;
  const target = exactly({ ids: [fact.next], token: '' });
  const texts = factTexts(model, { subject, prompts: [prompt], target });
  const key = meanRow(keysAt(model, texts.texts, layer), metric.size);
  const choices = methods.flatMap((method) => choicesOf({ ...bench, metric }, method, key));
  const neurons = [...new Set(choices.flatMap((choice) => choice.neurons))];
  const solutions = solveAtSubject(model, {
    ...texts,
    layers: [
      { layer, neurons, choices: choices.map((choice) => choice.neurons), gram: partOf(metric, neurons) },
    ],
    lambda: methods.includes('rome') ? 0 : undefined,
  });
  const seconds = (performance.now() - start) / 1000;
  return choices.map((choice, i) => ({
    name: choice.name,
    overlay: changed(
      model,
      choice.neurons.map((neuron): NeuronId => [layer, neuron]),
      solutions[i]?.changes ?? [],
    ),
    seconds,
  }));
}

/** @param key what the layer's neurons say at the subject [F] */
function choicesOf({ metric, neurons, draws, random }: Bench, method: Method, key: Float64Array): Choice[] {
  const all = Array.from(key, (_, i) => i);
  switch (method) {
    case 'subject':
      return neurons.map((count) => ({
        name: `subject, ${count}`,
        neurons: selectNeurons(metric, key, count),
      }));
    case 'random':
      return neurons.flatMap((count) =>
        Array.from({ length: draws }, () => ({
          name: `random, ${count}`,
          neurons: draw(all, count, random),
        })),
      );
    case 'rome':
      // Of all neurons, held by C alone, the edit of rank one (Meng et al. 2022, equation 2).
      return [{ name: 'rome', neurons: all }];
    default:
      return [];
  }
}

function editsOfLocated(bench: Bench, fact: Asked, methods: readonly Method[]): Edit[] {
  const { model } = bench;
  const { neurons: width } = model.info;
  const start = performance.now();
  const { scores } = attribute(model, fact.prompt, fact.truth, RULE);
  const coarse = coarseNeurons(scores, width, { mode: 'ratio', value: RATIO, strict: false }).neurons;
  const spent = (performance.now() - start) / 1000;
  return methods.map((method) => {
    const from = performance.now();
    const overlay =
      method === 'solve'
        ? solved(bench, fact, fullestLayer(coarse), scores)
        : changed(
            model,
            coarse,
            coarse.map(() => closed(model, fact, method)),
          );
    return { name: method, overlay, seconds: spent + (performance.now() - from) / 1000 };
  });
}

/** The layer that holds most of the neurons. */
function fullestLayer(neurons: readonly NeuronId[]): number {
  const counts = new Map<number, number>();
  for (const [layer] of neurons) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** `solve`: the layer's best neurons by attribution, at the target position. */
function solved(bench: Bench, fact: Asked, layer: number, scores: Float32Array): Overlay {
  const { model } = bench;
  const { neurons: width } = model.info;
  const own = scores.subarray(layer * width, (layer + 1) * width);
  const best = coarseNeurons(own, width, { mode: 'top-k', value: LOCATED, strict: false }).neurons;
  const neurons = best.map(([, neuron]) => neuron);
  const question: Question = { ids: fact.prompt.ids, position: fact.prompt.position, target: fact.next };
  const group: Sequence[] = freeFor(bench, fact).map(({ fact: { prompt } }) => ({
    ids: prompt.ids,
    position: prompt.position,
  }));
  const [solution] = solveRewrites(model, {
    layer,
    neurons,
    choices: [neurons],
    prompts: [[question]],
    gram: heldGram(model, layer, neurons, group),
  });
  return changed(
    model,
    neurons.map((neuron): NeuronId => [layer, neuron]),
    solution?.changes ?? [],
  );
}

/** A closed formula with its default strengths. */
function closed(model: LanguageModel, fact: Asked, method: Method): Change {
  const operation: Operation = operationSchema.parse({ type: 'rewrite', to: { id: fact.next }, method });
  return closedChange(model, operation, { id: fact.truth });
}
