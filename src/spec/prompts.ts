// Prompts as texts: where their answer belongs, when two of them are one (wordings that differ in white space or case
// alone say nothing new), and how much alike they are.
import { meanOverlap } from '../numbers.js';

/** How users write the mask, whatever the model's own mask token is. */
export const MASK = '[MASK]';

/** Whether nothing but punctuation follows the mask, so that a causal model can be asked; also where there is none. */
export function answerComesLast(prompt: string): boolean {
  const at = prompt.indexOf(MASK);
  return at < 0 || /^[\p{P}\s]*$/u.test(prompt.slice(at + MASK.length));
}

/** Equal for prompts that count as one. */
export function promptKey(prompt: string): string {
  return prompt.normalize('NFC').trim().split(/\s+/u).join(' ').toLowerCase();
}

/** The prompts without those that repeat an earlier one, their places in the list, and those that were left out. */
export function distinctPrompts(prompts: readonly string[]): {
  kept: string[];
  places: number[];
  repeated: string[];
} {
  const seen = new Set<string>();
  const places: number[] = [];
  const repeated: string[] = [];
  prompts.forEach((prompt, i) => {
    if (seen.has(promptKey(prompt))) repeated.push(prompt);
    else places.push(i);
    seen.add(promptKey(prompt));
  });
  return { kept: places.map((i) => prompts[i] ?? ''), places, repeated };
}

const words = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * How much alike the wordings of a fact are: the mean Jaccard overlap of their words over all pairs, without what they must
 * share, the names of subject and object.
 * @returns 0 where they share no word, 1 where all have the same words, and for a single prompt
 */
export function wordOverlap(prompts: readonly string[], names: readonly string[]): number {
  const given = [MASK, ...names].map((name) => name.toLowerCase()).filter((name) => name.trim() !== '');
  const sets = prompts.map((prompt) => {
    const rest = given.reduce((text, name) => text.replaceAll(name, ' '), prompt.toLowerCase());
    return new Set([...words.segment(rest)].flatMap((one) => (one.isWordLike ? [one.segment] : [])));
  });
  return meanOverlap(sets);
}
