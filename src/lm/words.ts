// The words of a vocabulary: tokens with which a word begins, as people write it.
import { SPACE } from './space.js';
import type { Tokenizer } from './tokenizer.js';

const known = new WeakMap<Tokenizer, readonly string[]>();

/** Words that begin so, in the order of their ids, which is about that of how common they are; first those in the same case. */
export function wordsFrom(
  tokenizer: Tokenizer,
  vocabulary: number,
  beginning: string,
  count: number,
): string[] {
  const words = known.get(tokenizer) ?? allWords(tokenizer, vocabulary);
  known.set(tokenizer, words);
  const lower = beginning.toLowerCase();
  const found = words.filter((word) => word.toLowerCase().startsWith(lower));
  const same = found.filter((word) => word.startsWith(beginning));
  return [...new Set([...same, ...found])].slice(0, count);
}

function allWords(tokenizer: Tokenizer, vocabulary: number): string[] {
  const tokens = Array.from({ length: vocabulary }, (_, id) => tokenizer.token(id));
  // Where words come with the blank before them, what has none goes on with one.
  const spaced = tokens.filter((token) => token.startsWith(SPACE));
  const words = spaced.length > 0 ? spaced.map((token) => token.slice(SPACE.length)) : tokens;
  return words.filter((word) => /^[\p{L}\p{N}]/u.test(word));
}
