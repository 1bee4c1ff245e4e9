// Asking the model: probability, rank and top answers at the target position of each prompt.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { EncodedPrompt } from '../lm/tokenizer.js';
import { type TargetChange, trace } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';
import { klDivergence } from './metrics.js';

/** One possible answer. */
export interface Answer {
  id: number;
  token: string;
  prob: number;
}

/** What the model answers to one prompt. */
export interface Answers {
  top: Answer[];
  /** Probability and rank of each token that was asked for; rank 1 is the top answer. */
  asked: { id: number; prob: number; rank: number }[];
  /** Where there is a reference: its answer, what it gives the tokens asked for, and the KL divergence from it in nats. */
  reference?: { top: Answer; asked: number[]; kl: number } | undefined;
}

export interface Question {
  prompt: EncodedPrompt;
  /** Token ids whose probability and rank are wanted. */
  ask: readonly number[];
}

/**
 * The model's answers, in the order of the questions. Leaves no tensor behind.
 * @param top how many of the most probable answers to return
 * @param whatIf changes of activations at the target position, for this measurement only
 * @param reference distributions of the same questions (see `distributions`), for the KL divergence from them
 */
export function probe(
  model: LanguageModel,
  questions: readonly Question[],
  top: number,
  whatIf: readonly TargetChange[] = [],
  reference?: readonly Float32Array[],
): Answers[] {
  const found = distributions(
    model,
    questions.map(({ prompt }) => prompt),
    whatIf,
  );
  return questions.map(({ ask }, i) => {
    const distribution = found[i] ?? new Float32Array();
    const before = reference?.[i];
    const answers = readAnswers(model, distribution, ask, top);
    if (!before) return answers;
    const {
      top: [best = { id: 0, token: '', prob: 0 }],
    } = readAnswers(model, before, [], 1);
    const asked = ask.map((id) => before[id] ?? 0);
    return { ...answers, reference: { top: best, asked, kl: klDivergence(before, distribution) } };
  });
}

/** P(token) at the target position of each prompt: one row of V per prompt. */
export function distributions(
  model: LanguageModel,
  prompts: readonly EncodedPrompt[],
  whatIf: readonly TargetChange[] = [],
): Float32Array[] {
  const { vocabulary } = model.info;
  const found = new Array<Float32Array>(prompts.length);
  for (const indices of batches(prompts)) {
    const group = indices.map((i) => prompts[i] as EncodedPrompt);
    const probs = valuesOf(() => tf.softmax(trace(model.network, group, whatIf).logits));
    indices.forEach((i, row) => {
      found[i] = probs.subarray(row * vocabulary, (row + 1) * vocabulary);
    });
  }
  return found;
}

function readAnswers(
  model: LanguageModel,
  distribution: Float32Array,
  ask: readonly number[],
  top: number,
): Omit<Answers, 'reference'> {
  const p = (id: number) => distribution[id] ?? 0;
  const best = [...distribution.keys()].sort((a, b) => p(b) - p(a) || a - b);
  return {
    top: best.slice(0, top).map((id) => ({ id, token: model.tokenizer.token(id), prob: p(id) })),
    asked: ask.map((id) => ({ id, prob: p(id), rank: best.indexOf(id) + 1 })),
  };
}
