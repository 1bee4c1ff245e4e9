// What a misspelt word was meant to be.
import { closestMatch } from 'leven';

/** Longer words are not misspelt but something else. */
const LONGEST = 40;

/** `; did you mean "…"?` where one of the words is close to what was written, else nothing. */
export function didYouMean(written: string, words: readonly string[]): string {
  if (written.length > LONGEST) return '';
  const maxDistance = Math.max(1, Math.floor(written.length / 3));
  const lower = new Map(words.map((word) => [word.toLowerCase(), word]));
  const found = closestMatch(written.toLowerCase(), [...lower.keys()], { maxDistance });
  const word = found === undefined ? undefined : lower.get(found);
  return word === undefined ? '' : `; did you mean "${word}"?`;
}
