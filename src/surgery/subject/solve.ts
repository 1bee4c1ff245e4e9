// The rewrite at the subject (after ROME and MEMIT, Meng et al. 2022 and 2023, in few value vectors): a decoder reads what
// it knows of a subject where the subject ends, so that is where the new answer is said, and where the key is the subject's.
import type { LanguageModel } from '../../lm/language-model.js';
import type { Marked } from '../../lm/tail.js';
import { smallest } from '../../numbers.js';
import type { Change } from '../change.js';
import { addGram, dot, solvePositiveDefinite } from '../linear-algebra.js';
import { type AskedText, findSubjectDelta, jointly, Subjects } from './delta.js';
import { entryOf, type Metric, meanDiagonal } from './metric.js';
import { RIDGE, selectNeurons } from './selection.js';

export interface SubjectProblem {
  layer: number;
  /** All wordings of the fact, also behind other sentences; a text for each token of the new answer. */
  texts: readonly AskedText[];
  /** Texts that say what the subject is, with their target position where they go on. */
  essence: readonly Marked[];
  /** What is to stay: groups of texts, each marked where its own subject ends. Groups weigh the same whatever their size. */
  held: readonly (readonly Marked[])[];
  /** C of the layer: E[a a^T] over real text. */
  metric: Metric;
  /** Sets of neurons that may change, each a problem of its own; how many are to be selected; or both. */
  choices: readonly NeuronChoice[];
}

/** Neurons by their numbers, or how many of them are selected: among all of the layer, or after some. */
export type NeuronChoice = { neurons: readonly number[] } | { count: number; first?: readonly number[] };

export interface SubjectSolution {
  neurons: number[];
  /** One per neuron. */
  changes: Change[];
  /** Least (joint) probability of the new answer over the wordings that the solution promises. */
  confidence: number;
}

/** Weight of the held groups, beside C. */
const HOLD = 1;

/**
 * The value vectors of S move by D = w delta^T, where w = M_SS^-1 k_S, M = A'A/n + C + held keys, A are the activations at
 * the subject in the n texts, k their mean; w is scaled so that the mean text receives delta, whole.
 * Leaves no tensor behind.
 * @returns one solution per choice
 */
export function solveAtSubject(model: LanguageModel, problem: SubjectProblem): SubjectSolution[] {
  const { layer, texts, metric } = problem;
  const { neurons: width, hidden } = model.info;
  const asked = new Subjects(model, texts, layer);
  const essence = new Subjects(model, problem.essence.map(asking), layer);
  try {
    const delta = findSubjectDelta(asked, essence);
    const keys = asked.keys(); // [n, F]
    const n = texts.length;
    const key = meanRow(keys, width);
    const held = problem.held
      .filter(({ length }) => length > 0)
      .map((group) => heldKeys(model, group, layer));
    const ridge = RIDGE * meanDiagonal(metric);
    return problem.choices.map((choice) => {
      const chosen =
        'neurons' in choice
          ? [...choice.neurons]
          : selectNeurons(metric, key, choice.count, { first: choice.first ?? [] });
      const k = chosen.length;
      const own = columnsOf(keys, width, chosen);
      const m = new Float64Array(k * k);
      chosen.forEach((a, i) => {
        chosen.forEach((b, j) => {
          m[i * k + j] = entryOf(metric, a, b) + (i === j ? ridge + Number.MIN_VALUE : 0);
        });
      });
      addGram(m, own, k, 1 / n);
      for (const group of held) addGram(m, columnsOf(group, width, chosen), k, (HOLD * width) / group.length);
      const mean = meanRow(own, k);
      const w = solvePositiveDefinite(m, mean, k);
      const reach = dot(w, mean);
      const scale = reach > 0 ? 1 / reach : 0;
      const reaches = texts.map((_, i) => scale * dot(w, own.subarray(i * k, (i + 1) * k)));
      const { probs } = asked.ask((text) => times(delta, reaches[text] ?? 0), false);
      const changes = chosen.map((_, i): Change => ({ scale: 1, shift: times(delta, scale * (w[i] ?? 0)) }));
      return { neurons: chosen, changes, confidence: smallest(jointly(texts, probs)) };
    });
  } finally {
    asked.free();
    essence.free();
  }

  function times(vector: Float32Array, factor: number): Float32Array {
    return Float32Array.from({ length: hidden }, (_, i) => factor * (vector[i] ?? 0));
  }
}

function asking(text: Marked, wording: number): AskedText {
  return { ...text, wording, target: 0 };
}

/** The keys of some texts [n, F]. */
function heldKeys(model: LanguageModel, group: readonly Marked[], layer: number): Float64Array {
  const held = new Subjects(model, group.map(asking), layer);
  try {
    return held.keys();
  } finally {
    held.free();
  }
}

/** [n, width] to [width] */
function meanRow(rows: Float64Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  const count = rows.length / width;
  rows.forEach((value, i) => {
    mean[i % width] = (mean[i % width] ?? 0) + value / count;
  });
  return mean;
}

/** [n, width] to [n, k] */
function columnsOf(rows: Float64Array, width: number, columns: readonly number[]): Float64Array {
  const k = columns.length;
  return Float64Array.from({ length: (rows.length / width) * k }, (_, i) => {
    return rows[Math.floor(i / k) * width + (columns[i % k] ?? 0)] ?? 0;
  });
}
