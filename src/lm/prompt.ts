// Prompts, targets and questions as the model sees them; plain data.
import { InputError } from '../errors.js';
import { SPACE } from './space.js';

/** Token ids, and the position at which the model is asked. */
export interface Sequence {
  ids: number[];
  /** Index of the target position in `ids`. */
  position: number;
}

/** A prompt as the model sees it, with room for an answer of one token. */
export interface EncodedPrompt extends Sequence {
  prompt: string;
  /** Words that the vocabulary does not have (they became the unknown token). */
  unknownWords: string[];
  /** Whether the answer comes after a space. */
  spaced: boolean;
  /** Whether it continues the prompt, or else stands in the place of a mask. */
  causal: boolean;
}

/** A sequence, and the token that is asked for there. */
export interface Question extends Sequence {
  target: number;
}

/** An object as users give it: a word, or token ids. */
export type Target = string | { id: number } | { ids: readonly number[] };

/** The tokens of an answer. */
export interface Tokens {
  ids: number[];
  /** Their texts, readable. */
  token: string;
}

/** A target as the model sees it after a space, and as it is without one: byte-level vocabularies tell them apart. */
export interface EncodedTarget extends Tokens {
  bare: Tokens;
  /** The answer as it was given; undefined where its tokens were. */
  text?: string | undefined;
  /** The answer in words, as facts write it. */
  words: string;
}

/** A target of given tokens, whatever stands before it. */
export function exactly(tokens: Tokens): EncodedTarget {
  return { ...tokens, bare: tokens, words: tokens.token.replaceAll(SPACE, ' ').trim() };
}

/** The tokens of a target where a prompt asks for it. */
export function tokensIn(prompt: EncodedPrompt, target: EncodedTarget): Tokens {
  const { ids, token } = prompt.spaced ? target : target.bare;
  return { ids, token };
}

/**
 * An answer as questions of one token each. A masked model is shown one mask per token, and asked for each token at its
 * own; a causal model is shown the tokens before the one that it is asked for.
 */
export function questionsOf({ ids, position, causal }: EncodedPrompt, answer: Tokens): Question[] {
  return answer.ids.map((target, i) => {
    if (causal) return { ids: [...ids, ...answer.ids.slice(0, i)], position: position + i, target };
    const masks = answer.ids.map(() => ids[position] ?? 0);
    return {
      ids: [...ids.slice(0, position), ...masks, ...ids.slice(position + 1)],
      position: position + i,
      target,
    };
  });
}

/**
 * Checks that a prompt has room for every token of an answer.
 * @param maxLength the longest sequence that the model takes, in tokens
 * @throws InputError when it becomes too long
 */
export function checkRoom(prompt: EncodedPrompt, { ids }: Tokens, maxLength: number): void {
  const length = prompt.ids.length + ids.length - 1;
  if (length <= maxLength) return;
  const answer = ids.length > 1 ? ` with an answer of ${ids.length}` : '';
  throw new InputError(
    `prompt "${prompt.prompt}": ${length} tokens${answer}, the model takes at most ${maxLength}; shorten it`,
  );
}
