// Asking the model: probability, rank and top answers at the target position of each prompt.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import { requireNumbers } from '../lm/finite.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Overlay } from '../lm/overlay.js';
import {
  type EncodedPrompt,
  type EncodedTarget,
  type Question,
  questionsOf,
  type Sequence,
  type Tokens,
  tokensIn,
} from '../lm/prompt.js';
import { type TargetChange, trace } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';
import { largest } from '../numbers.js';
import { klDivergence } from './metrics.js';
import type { Answer } from './results.js';

/** A target that was asked for. */
export interface Asked extends Tokens {
  /** Of several tokens, the joint probability: the product of each token's at its own position. */
  prob: number;
  /** 1 is the top answer. Of several tokens, the worst rank: 1 only if each is the top answer at its position. */
  rank: number;
  /** The most probable token in the place of each of its tokens, those of the answer itself standing before it. */
  best: number[];
}

/** What the model answers to one prompt. */
export interface Answers {
  /** What the model was shown; where the first target has several tokens, for the first of them. */
  shown: Sequence;
  /** The most probable tokens there. */
  top: Answer[];
  /** The targets that were asked for, in order. */
  asked: Asked[];
  /** Where there is a reference: its answer, what it gives the targets, and the KL divergence from it in nats. */
  reference?: { top: Answer; asked: number[]; kl: number } | undefined;
}

/** A prompt, and the targets whose probability and rank are wanted. */
export interface Probe {
  prompt: EncodedPrompt;
  ask: readonly EncodedTarget[];
}

/**
 * The model's answers, in the order of the probes. Leaves no tensor behind.
 * @param top how many of the most probable answers to return
 * @param whatIf changes of activations at the target position, for this measurement only
 * @param reference a state of the model from which the KL divergence is measured
 * @throws NotFiniteError when a probability is not a number
 */
export function probe(
  model: LanguageModel,
  probes: readonly Probe[],
  top: number,
  whatIf: readonly TargetChange[] = [],
  reference?: Overlay,
): Answers[] {
  const plans = probes.map(({ prompt, ask }) => {
    const asked = ask.map((target) => {
      const tokens = tokensIn(prompt, target);
      return { tokens, questions: questionsOf(prompt, tokens) };
    });
    return { first: asked[0]?.questions[0] ?? prompt, asked };
  });
  const sequences = plans.flatMap(({ first, asked }) => [first, ...asked.flatMap((one) => one.questions)]);
  const now = distributions(model, sequences, whatIf);
  const before = reference && under(model, reference, () => distributions(model, sequences));
  return plans.map(({ first, asked }) => {
    const here = now(first);
    const answers = {
      shown: { ids: first.ids, position: first.position },
      top: topAnswers(model, here, top),
      asked: asked.map(({ tokens, questions }) => ({
        ...tokens,
        prob: joint(now, questions),
        rank: largest(questions.map((question) => rankOf(now(question), question.target))),
        best: questions.map((question) => bestOf(now(question))),
      })),
    };
    if (!before) return answers;
    const there = before(first);
    const [best = { id: 0, token: '', prob: 0 }] = topAnswers(model, there, 1);
    const known = asked.map(({ questions }) => joint(before, questions));
    return { ...answers, reference: { top: best, asked: known, kl: klDivergence(there, here) } };
  });
}

/** P(token) at the target position of a sequence [V]. */
type Distributions = (sequence: Sequence) => Float32Array;

/** Runs every distinct sequence once. */
function distributions(
  model: LanguageModel,
  sequences: readonly Sequence[],
  whatIf: readonly TargetChange[] = [],
): Distributions {
  const { vocabulary } = model.info;
  const keyOf = ({ ids, position }: Sequence) => `${position}:${ids}`;
  const distinct = [...new Map(sequences.map((one) => [keyOf(one), one])).values()];
  const found = new Map<string, Float32Array>();
  for (const indices of batches(distinct)) {
    const group = indices.map((i) => distinct[i] as Sequence);
    const probs = valuesOf(() => tf.softmax(trace(model.network, group, whatIf).logits));
    group.forEach((one, row) => {
      const own = probs.subarray(row * vocabulary, (row + 1) * vocabulary);
      requireNumbers(model, one, own);
      found.set(keyOf(one), own);
    });
  }
  return (sequence) => found.get(keyOf(sequence)) ?? new Float32Array();
}

/** Does some work under another overlay; the present one is put back. */
function under<T>(model: LanguageModel, overlay: Overlay, work: () => T): T {
  const present = model.overlay;
  model.use(overlay);
  try {
    return work();
  } finally {
    model.use(present);
  }
}

function joint(distribution: Distributions, questions: readonly Question[]): number {
  return questions.reduce((product, one) => product * (distribution(one)[one.target] ?? 0), 1);
}

/** The most probable tokens; among equals the one with the lower id comes first. */
function topAnswers(model: LanguageModel, distribution: Float32Array, count: number): Answer[] {
  const p = (id: number | undefined) => distribution[id ?? 0] ?? 0;
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY; // of those that are kept, once there are enough
  for (let id = 0; id < distribution.length; id++) {
    const prob = p(id);
    if (prob <= least) continue; // nearly always: no sorting of a whole vocabulary
    best.splice(best.findLastIndex((other) => p(other) >= prob) + 1, 0, id);
    if (best.length > count) best.pop();
    if (best.length === count) least = p(best.at(-1));
  }
  return best.map((id) => ({ id, token: model.tokenizer.token(id), prob: p(id) }));
}

/** The token that comes first in the order of `topAnswers`. */
function bestOf(distribution: Float32Array): number {
  let best = 0;
  for (let id = 1; id < distribution.length; id++) {
    if ((distribution[id] ?? 0) > (distribution[best] ?? 0)) best = id;
  }
  return best;
}

/** Place of a token in the order of `topAnswers`, from 1. */
function rankOf(distribution: Float32Array, target: number): number {
  const own = distribution[target] ?? 0;
  let rank = 1;
  for (let id = 0; id < distribution.length; id++) {
    const p = distribution[id] ?? 0;
    if (p > own || (p === own && id < target)) rank++;
  }
  return rank;
}
