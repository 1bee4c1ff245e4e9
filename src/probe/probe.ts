// Asking the model: probability, rank and top answers at the target position of each prompt.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { EncodedPrompt } from '../lm/tokenizer.js';
import { type TargetChange, trace } from '../lm/transformer.js';

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
 */
export function probe(
  model: LanguageModel,
  questions: readonly Question[],
  top: number,
  whatIf: readonly TargetChange[] = [],
): Answers[] {
  const answers = new Array<Answers>(questions.length);
  for (const indices of batches(questions.map(({ prompt }) => prompt))) {
    const prompts = indices.map((i) => (questions[i] as Question).prompt);
    const probs = tf.tidy(() => tf.softmax(trace(model.network, prompts, whatIf).logits).dataSync());
    indices.forEach((i, row) => {
      const distribution = probs.subarray(row * model.info.vocabulary, (row + 1) * model.info.vocabulary);
      answers[i] = readAnswers(model, distribution, (questions[i] as Question).ask, top);
    });
  }
  return answers;
}

function readAnswers(
  model: LanguageModel,
  distribution: ArrayLike<number>,
  ask: readonly number[],
  top: number,
): Answers {
  const p = (id: number) => distribution[id] ?? 0;
  const ids = Array.from({ length: distribution.length }, (_, id) => id);
  ids.sort((a, b) => p(b) - p(a) || a - b);
  return {
    top: ids.slice(0, top).map((id) => ({ id, token: model.tokenizer.token(id), prob: p(id) })),
    asked: ask.map((id) => ({ id, prob: p(id), rank: ids.indexOf(id) + 1 })),
  };
}
