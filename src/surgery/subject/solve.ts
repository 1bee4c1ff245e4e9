// The rewrite at the subject (after ROME and MEMIT, Meng et al. 2022 and 2023, in few value vectors): a decoder reads what
// it knows of a subject where the subject ends, so that is where the new answer is said, and where the key is the subject's.
import type { LanguageModel } from '../../lm/language-model.js';
import type { Marked } from '../../lm/tail.js';
import { smallest } from '../../numbers.js';
import type { Change } from '../change.js';
import { addGram, columnsOf, dot, ridged, rowsOf, solvePositiveDefinite } from '../linear-algebra.js';
import type { Solution } from '../solve.js';
import { type AskedText, findSubjectDelta, jointly, Subjects } from './delta.js';

export interface SubjectProblem {
  layer: number;
  /** All wordings of the fact, also behind other sentences; a text for each token of the new answer. */
  texts: readonly AskedText[];
  /** Texts that say what the subject is, with their target position where they go on. */
  essence: readonly Marked[];
  /** The u neurons of that layer of which `gram` speaks. */
  neurons: readonly number[];
  /** Choices among them whose value vectors may change; each choice is a problem of its own. */
  choices: readonly (readonly number[])[];
  /** What is to stay [u, u]: C = E[a a^T] over real text, and the keys of what is held. */
  gram: Float64Array;
  /** Whether M = C, as in ROME. */
  rome?: boolean | undefined;
}

/**
 * The value vectors of S move by D = w delta^T, where w = M_SS^-1 k_S, M = A'A/n + gram, A are the activations at the
 * subject in the n texts, and k is their mean; w is scaled so that the mean text receives delta, whole. `rome` leaves A'A/n
 * out: with all F neurons and nothing but C in the gram, D is then ROME's update (Meng et al. 2022, equation 2),
 * (v* - W k) (C^-1 k)' / (C^-1 k)'k, of rank one, where delta = v* - W k.
 * Leaves no tensor behind.
 * @returns one solution per choice
 */
export function solveAtSubject(model: LanguageModel, problem: SubjectProblem): Solution[] {
  const { layer, texts, neurons: union } = problem;
  const asked = new Subjects(model, texts, layer);
  const essence = new Subjects(model, problem.essence.map(asking), layer);
  try {
    const delta = findSubjectDelta(asked, essence);
    const u = union.length;
    const keys = columnsOf(asked.keys(), model.info.neurons, union); // [n, u]
    const place = new Map(union.map((neuron, i) => [neuron, i]));
    const gram = Float64Array.from(problem.gram);
    if (!problem.rome) addGram(gram, keys, u, 1 / texts.length);
    return problem.choices.map((choice): Solution => {
      const columns = choice.map((neuron) => place.get(neuron) ?? 0);
      const k = columns.length;
      const own = columnsOf(keys, u, columns);
      const m = ridged(rowsOf(columnsOf(gram, u, columns), columns), k);
      const mean = meanRow(own, k);
      const w = solvePositiveDefinite(m, mean, k);
      const reach = dot(w, mean);
      const scale = reach > 0 ? 1 / reach : 0;
      const reaches = texts.map((_, i) => scale * dot(w, own.subarray(i * k, (i + 1) * k)));
      const { probs } = asked.ask((text) => times(delta, reaches[text] ?? 0), false);
      const changes = Array.from(w, (gain): Change => ({ scale: 1, shift: delta, gain: scale * gain }));
      return { changes, confidence: smallest(jointly(texts, probs)) };
    });
  } finally {
    asked.free();
    essence.free();
  }
}

/** What the neurons of a layer say at the subject: the mean over some texts [F]. */
export function keyOf(model: LanguageModel, texts: readonly Marked[], layer: number): Float64Array {
  const subjects = new Subjects(model, texts.map(asking), layer);
  try {
    return meanRow(subjects.keys(), model.info.neurons);
  } finally {
    subjects.free();
  }
}

/** A text of which nothing is asked. */
function asking(text: Marked, wording: number): AskedText {
  return { ...text, wording, target: 0 };
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

function times(vector: Float32Array, factor: number): Float32Array {
  return vector.map((x) => factor * x);
}
