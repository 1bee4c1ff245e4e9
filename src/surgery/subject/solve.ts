// The rewrite at the subject (after ROME and MEMIT, Meng et al. 2022 and 2023, in few value vectors): a decoder reads what
// it knows of a subject where the subject ends, so that is where the new answer is said, and where the key is the subject's.
import type { LanguageModel } from '../../lm/language-model.js';
import type { NeuronId } from '../../lm/overlay.js';
import type { Marked } from '../../lm/tail.js';
import { meanRow, smallest } from '../../numbers.js';
import type { Change } from '../change.js';
import { changed } from '../changed.js';
import { addGram, columnsOf, dot, ridged, rowsOf, solvePositiveDefinite } from '../linear-algebra.js';
import type { Solution } from '../solve.js';
import { type AskedText, findSubjectDelta, jointly, Subjects } from './delta.js';

/**
 * Weights of the fact's own keys beside that of what is held, the first of which is enough: more of it evens out how much each
 * wording receives, at the cost of others.
 */
const OWN = [1 / 16, 1 / 4, 1, 4] as const;
/** Joint P of the new answer on the least likely wording at which it is enough. */
const SURE = 0.75;

/** One of the layers in which a rewrite acts. */
export interface LayerProblem {
  layer: number;
  /** The u neurons of that layer of which `gram` speaks. */
  neurons: readonly number[];
  /** Those among them whose value vectors may change, for each choice. */
  choices: readonly (readonly number[])[];
  /** What is to stay [u, u]: C = E[a a^T] over real text, and the keys of what is held. */
  gram: Float64Array;
}

export interface SubjectProblem {
  /** All wordings of the fact, also behind other sentences; a text for each token of the new answer. */
  texts: readonly AskedText[];
  /** Texts that say what the subject is, with their target position where they go on. */
  essence: readonly Marked[];
  /** From below, each with as many choices; each choice is a problem of its own. */
  layers: readonly LayerProblem[];
  /**
   * Leaves A'A/n out of M, and weighs M against the key: w = M^-1 k / (lambda + k'M^-1 k). With all F neurons and nothing but C
   * in the gram, 0 is ROME (Meng et al. 2022, equation 2), and else w = (lambda C + k k')^-1 k, which is MEMIT (equation 14).
   */
  lambda?: number | undefined;
}

/**
 * The value vectors of S move by D = w r', where w = M_SS^-1 k_S, M = c A'A/n + gram, A are the activations at the subject in
 * the n texts, and k is their mean; w is scaled so that the mean text receives r, whole; c is the least of some weights at which the new
 * answer is likely in all texts. In one layer r is delta.
 *
 * Several share it (MEMIT, section 4.3): delta is sought at the last one, and each, from below, takes an equal share of what is
 * not said there yet, with the activations that the edited layers below it bring.
 * Leaves no tensor behind, and the model in its state.
 * @returns one solution per choice, with the changes of its neurons layer by layer
 */
export function solveAtSubject(model: LanguageModel, problem: SubjectProblem): Solution[] {
  const { texts, layers, essence } = problem;
  const last = layers.at(-1);
  if (!last) throw new RangeError('a rewrite needs a layer');
  const { overlay } = model;
  const at = <T>(layer: number, work: (subjects: Subjects) => T) => withSubjects(model, texts, layer, work);
  return at(last.layer, (top) => {
    const about = essence.map(asking);
    const delta = withSubjects(model, about, last.layer, (said) => findSubjectDelta(top, said));
    const before = top.sums();
    return last.choices.map((_, choice): Solution => {
      const changes: Change[] = [];
      const finish = (now: Subjects): Solution => {
        const rest = lacking(delta, before, now.sums());
        let best: { gains: Float64Array; confidence: number } | undefined;
        for (const own of problem.lambda === undefined ? OWN : [0]) {
          const { gains, reaches } = gainsOf(problem, last, choice, now, own);
          const { probs } = now.ask((text) => times(rest, reaches[text] ?? 0), false);
          const confidence = smallest(jointly(texts, probs));
          if (!best || confidence > best.confidence) best = { gains, confidence };
          if (confidence >= SURE) break;
        }
        const { gains = new Float64Array(), confidence = 0 } = best ?? {};
        changes.push(...changesOf(gains, rest));
        return { changes, confidence };
      };
      try {
        for (const [i, one] of layers.slice(0, -1).entries()) {
          const rest = i === 0 ? delta : at(last.layer, (now) => lacking(delta, before, now.sums()));
          const { gains } = at(one.layer, (now) => gainsOf(problem, one, choice, now, OWN[0]));
          const own = changesOf(gains, times(rest, 1 / (layers.length - i)));
          const neurons = (one.choices[choice] ?? []).map((neuron): NeuronId => [one.layer, neuron]);
          model.use(changed(model, neurons, own));
          changes.push(...own);
        }
        return layers.length === 1 ? finish(top) : at(last.layer, finish);
      } finally {
        model.use(overlay);
      }
    });
  });
}

function withSubjects<T>(
  model: LanguageModel,
  texts: readonly AskedText[],
  layer: number,
  work: (subjects: Subjects) => T,
): T {
  const subjects = new Subjects(model, texts, layer);
  try {
    return work(subjects);
  } finally {
    subjects.free();
  }
}

/** What is not said yet of delta, in the mean of the texts [H]. @param before what was said in the unedited state [n, H] */
function lacking(delta: Float32Array, before: Float64Array, now: Float64Array): Float32Array {
  const said = meanRow(
    now.map((x, i) => x - (before[i] ?? 0)),
    delta.length,
  );
  return delta.map((x, i) => x - (said[i] ?? 0));
}

function changesOf(gains: Float64Array, shift: Float32Array): Change[] {
  return Array.from(gains, (gain) => ({ scale: 1, shift, gain }));
}

/** By how much each neuron of a choice takes part [k], and how much of the layer's share each text receives then [n]. */
function gainsOf(
  { texts, lambda }: SubjectProblem,
  { neurons: union, choices, gram: given }: LayerProblem,
  choice: number,
  subjects: Subjects,
  weight: number,
): { gains: Float64Array; reaches: number[] } {
  const neurons = choices[choice] ?? [];
  const [u, k] = [union.length, neurons.length];
  const keys = columnsOf(subjects.keys(), subjects.model.info.neurons, union); // [n, u]
  const place = new Map(union.map((neuron, i) => [neuron, i]));
  const columns = neurons.map((neuron) => place.get(neuron) ?? 0);
  const gram = Float64Array.from(given);
  if (lambda === undefined) addGram(gram, keys, u, weight / texts.length);
  const own = columnsOf(keys, u, columns);
  const m = ridged(rowsOf(columnsOf(gram, u, columns), columns), k);
  const mean = meanRow(own, k);
  const w = solvePositiveDefinite(m, mean, k);
  const reach = dot(w, mean);
  const scale = reach > 0 ? 1 / ((lambda ?? 0) + reach) : 0;
  return {
    gains: w.map((gain) => scale * gain),
    reaches: texts.map((_, i) => scale * dot(w, own.subarray(i * k, (i + 1) * k))),
  };
}

/** A text of which nothing is asked. */
function asking(text: Marked, wording: number): AskedText {
  return { ...text, wording, target: 0 };
}

function times(vector: Float32Array, factor: number): Float32Array {
  return vector.map((x) => factor * x);
}
