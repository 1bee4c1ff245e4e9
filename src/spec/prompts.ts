// Prompts as texts: where their answer belongs, and when two of them are one: wordings that differ in white space or
// case alone say nothing new.

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
