// The solved rewrite (after ROME and MEMIT): the value vectors of the located neurons move so that the FFN says the
// new answer on the locating prompts, and goes on saying what it said on the prompts that are held.
import type { LanguageModel } from '../lm/language-model.js';
import type { Question, Sequence } from '../lm/prompt.js';
import { activations } from './activations.js';
import type { Change } from './change.js';
import { findDelta, freeTraces, nudge, type TracedBatch, traceAll } from './delta.js';
import { addGram, columnsOf, dot, ridged, rowsOf, solvePositiveDefinite } from './linear-algebra.js';

export interface SolveProblem {
  layer: number;
  /** The u neurons of that layer of which `gram` speaks. */
  neurons: readonly number[];
  /** Choices among them whose value vectors may change; each choice is a problem of its own. */
  choices: readonly (readonly number[])[];
  /** Prompts on which the new answer must win, each as one question per token of the answer. */
  prompts: readonly (readonly Question[])[];
  /** What may not change: the sum of `heldGram` over the held groups [u, u]; without it, nothing is held. */
  gram?: Float64Array | undefined;
}

export interface Solution {
  /** One per neuron, in the order of the choice's. */
  changes: Change[];
  /** Least (joint) probability of the new answer over the locating prompts that the solution promises. */
  confidence: number;
}

/** Weight of the held groups against the locating prompts (mu). */
const HOLD = 1;
/** Weight of all positions of a held prompt together, beside that of its target position. */
const HOLD_OTHERS = 0.05;
/** Joint probability of the new answer that the search for delta aims at, on every locating prompt. */
const AIM = 0.95;
/** Probability at which the change is large enough: the smallest that wins is the one that disturbs least. */
const ENOUGH = 0.75;

/**
 * What a group of held prompts says of some neurons: mu times the mean of a a^T over their target positions, and a
 * little of that over all positions [u, u]. Groups weigh the same whatever their size.
 */
export function heldGram(
  model: LanguageModel,
  layer: number,
  neurons: readonly number[],
  group: readonly Sequence[],
): Float64Array {
  const u = neurons.length;
  const gram = new Float64Array(u * u);
  if (group.length === 0) return gram;
  const held = activations(model, layer, neurons, group);
  const weight = HOLD / group.length;
  addGram(gram, held.target, u, weight);
  held.gram.forEach((value, i) => {
    gram[i] = (gram[i] ?? 0) + HOLD_OTHERS * weight * value;
  });
  return gram;
}

/**
 * Minimises `|A D - delta|^2 + mu |A_hold D|^2 + eps |D|^2` (DESIGN: "Surgery"), where A are the neurons'
 * activations on the locating prompts, A_hold those on the held prompts, and D [k, H] the changes.
 *
 * All prompts want the same delta for the same token of the answer, so D is a sum of w delta^T over its tokens, and
 * the problem shrinks to k gains w per token: by how much each neuron takes part. The ridge and the held prompts
 * shrink w; it is then scaled up again, just as far as the new answer needs in order to win on every locating prompt.
 *
 * What no choice of neurons changes (delta, the activations) is worked out once for all choices.
 * Leaves no tensor behind.
 * @returns one solution per choice
 */
export function solveRewrites(model: LanguageModel, problem: SolveProblem): Solution[] {
  const { layer, neurons: union, choices, prompts } = problem;
  const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0);
  const parts = partsOf(prompts).map((part) => ({ ...part, traces: traceAll(model, part.asked) }));
  try {
    const u = union.length;
    const gram = Float64Array.from(problem.gram ?? new Float64Array(u * u));
    const sides = parts.map((part) => {
      const delta = findDelta(model, layer, part.target, part.traces, AIM ** (1 / longest));
      const { target: own } = activations(model, layer, union, part.asked);
      addGram(gram, own, u, 1 / prompts.length);
      return { ...part, delta, own };
    });
    const place = new Map(union.map((neuron, i) => [neuron, i]));
    return choices.map((neurons) => {
      const columns = neurons.map((neuron) => place.get(neuron) ?? 0);
      const chosen = sides.map((side) => ({ ...side, own: columnsOf(side.own, u, columns) }));
      const m = ridged(rowsOf(columnsOf(gram, u, columns), columns), columns.length);
      const solved = chosen.map((side) => {
        return {
          ...side,
          gains: solvePositiveDefinite(m, meanKey(side.own, columns.length, prompts.length), columns.length),
        };
      });
      const { scale, confidence } = findScale(model, layer, solved, prompts.length);
      const changes = neurons.map((_, i) => {
        const pulls = solved.map(({ delta, gains }) => ({ delta, step: scale * (gains[i] ?? 0) }));
        return { scale: 1, shift: combine(pulls, model.info.hidden) };
      });
      return { changes, confidence };
    });
  } finally {
    for (const { traces } of parts) freeTraces(traces);
  }
}

/** A token's share of the mean activation on the locating prompts [k]. @param own [n, k] */
function meanKey(own: Float64Array, k: number, prompts: number): Float64Array {
  const key = new Float64Array(k);
  own.forEach((a, i) => {
    key[i % k] = (key[i % k] ?? 0) + a / prompts;
  });
  return key;
}

/** One token of the new answer: the questions that ask for it. */
interface Part {
  target: number;
  asked: Question[];
  /** The prompt that each question belongs to. */
  owners: number[];
}

/** The tokens of the answer by their place in it. Where prompts spell it in several ways, each spelling has its own. */
function partsOf(prompts: SolveProblem['prompts']): Part[] {
  const parts = new Map<string, Part>();
  prompts.forEach((questions, owner) => {
    questions.forEach((question, place) => {
      const key = `${place}:${question.target}`;
      const part = parts.get(key) ?? { target: question.target, asked: [], owners: [] };
      part.asked.push(question);
      part.owners.push(owner);
      parts.set(key, part);
    });
  });
  return [...parts.values()];
}

interface TracedPart extends Part {
  traces: TracedBatch[];
}

/** A token of the answer with what was found for it. */
interface SolvedPart extends TracedPart {
  delta: Float32Array;
  /** Activations of the neurons, question by question [n, k]. */
  own: Float64Array;
  /** [k] */
  gains: Float64Array;
}

/**
 * The smallest scale of the gains (in steps of a tenth) at which the new answer reaches ENOUGH on every locating
 * prompt; the best one met where none does.
 */
function findScale(
  model: LanguageModel,
  layer: number,
  parts: readonly SolvedPart[],
  prompts: number,
): { scale: number; confidence: number } {
  /** How much of each part's delta a question receives at scale 1. */
  const reaches = parts.map(({ own, asked, gains: { length: k } }) =>
    asked.map((_, q) => parts.map(({ gains }) => dot(own.subarray(q * k, (q + 1) * k), gains))),
  );
  const ownReach = reaches.flatMap((questions, part) => questions.map((reach) => reach[part] ?? 0));
  const mean = ownReach.reduce((sum, r) => sum + r, 0) / ownReach.length;
  let best = { scale: 0, confidence: 0 };
  if (!(mean > 0)) return best; // no neuron that may change is active on these prompts
  for (let scale = 0.3 / mean; scale < 10 / mean; scale *= 1.1) {
    const joint = new Float64Array(prompts).fill(1);
    parts.forEach(({ target, traces, owners }, part) => {
      for (const batch of traces) {
        const moves = batch.indices.map((q) => {
          const pulls = parts.map(({ delta }, i) => ({
            delta,
            step: scale * (reaches[part]?.[q]?.[i] ?? 0),
          }));
          return combine(pulls, model.info.hidden);
        });
        const { probs } = nudge(model, layer, target, batch, moves, false);
        batch.indices.forEach((q, row) => {
          const owner = owners[q] ?? 0;
          joint[owner] = (joint[owner] ?? 1) * (probs[row] ?? 0);
        });
      }
    });
    const confidence = joint.reduce((least, p) => Math.min(least, p), 1);
    if (confidence > best.confidence) best = { scale, confidence };
    if (confidence >= ENOUGH) break;
  }
  return best;
}

/** The sum of `step * delta` [H]. */
function combine(pulls: readonly { delta: Float32Array; step: number }[], hidden: number): Float32Array {
  const sum = new Float32Array(hidden);
  for (const { delta, step } of pulls) {
    for (let i = 0; i < hidden; i++) sum[i] = (sum[i] ?? 0) + step * (delta[i] ?? 0);
  }
  return sum;
}
