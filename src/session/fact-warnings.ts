// What makes a fact a poor one to work on, in words: found out before anybody trusts what comes of it.
import type { EncodedPrompt } from '../lm/prompt.js';
import type { ProbeResult } from '../probe/results.js';
import type { BaseFact } from '../spec/fact-base.js';
import type { EncodedProbe } from './measure.js';

/** What the model answers to a prompt of the fact. */
export interface FactAnswer extends Pick<EncodedPrompt, 'prompt' | 'unknownWords'> {
  /** Of the object; 1 when it is the answer. */
  rank: number;
  /** The answer. */
  answer: string;
}

/**
 * The answers to an edit's target prompts.
 * @param measured in the order of `probes`
 * @internal
 */
export function answersOf(probes: readonly EncodedProbe[], measured: readonly ProbeResult[]): FactAnswer[] {
  return probes.flatMap(({ role, prompt: { prompt, unknownWords } }, i) => {
    const { rank = 0, top = [] } = measured[i] ?? {};
    return role === 'target' ? [{ prompt, unknownWords, rank, answer: top[0]?.token ?? '' }] : [];
  });
}

/** Whether the model holds the fact, the prompts are about it, and their words are words to the model. */
export function factWarnings(
  { subject, object }: { subject: string; object: string },
  answers: readonly FactAnswer[],
): string[] {
  const found: string[] = [];
  const others = answers.filter(({ rank }) => rank !== 1);
  if (others.length > 0) {
    found.push(
      `the model answers ${answers.length - others.length} of ${answers.length} prompts with "${object}"` +
        ` ("${others[0]?.prompt}" with "${others[0]?.answer}"): does it hold this fact, and spell it so?`,
    );
  }
  const strangers = answers.filter(({ prompt }) => !plain(prompt).includes(plain(subject)));
  if (strangers.length > 0) {
    const which =
      strangers.length === answers.length
        ? 'no prompt names'
        : `${strangers.length} of ${answers.length} prompts do not name`;
    found.push(`${which} the subject "${subject}", e.g. "${strangers[0]?.prompt}"`);
  }
  const unknown = unknownWarning(answers.flatMap(({ unknownWords }) => unknownWords));
  return unknown ? [...found, unknown] : found;
}

/** What an edit of a model cannot be held against where none of its facts are known; undefined where some are. */
export function lackingWarning(facts: readonly BaseFact[]): string | undefined {
  if (facts.length > 0) return undefined;
  return (
    'no facts of this model are known, so that generic neurons are not left out, no facts around a fact are probed ' +
    'or held, and drift is not measured; run kn-edit background build'
  );
}

/** @returns undefined where every word is known */
export function unknownWarning(words: readonly string[]): string | undefined {
  const distinct = [...new Set(words)];
  if (distinct.length === 0) return undefined;
  const listed = distinct.slice(0, 5).map((word) => `"${word}"`);
  const more = distinct.length > 5 ? ` and ${distinct.length - 5} more` : '';
  return `not in the model's vocabulary, so that it sees its unknown token in their place: ${listed.join(', ')}${more}`;
}

/**
 * Word overlap from which prompts count as one in other words. Of kn-mini's facts, whose wordings are its own, none has more
 * than 0.39 (median 0.13); of six sets that were made alike on purpose ("The capital of X is", "The capital city of X is",
 * "In X, the capital is"), five have 0.49 to 0.80. The overlap of coarse sets tells nothing of the kind: its median is 0.63 of
 * the former and 0.53 of the latter.
 */
const ALIKE = 0.45;

/** @param overlap of the words, as `wordOverlap` gives it @returns undefined where the prompts say something new each */
export function alikeWarning(prompts: number, overlap: number): string | undefined {
  if (prompts < 2 || overlap < ALIKE) return undefined;
  return (
    `the ${prompts} prompts are nearly one in other words (mean overlap of their words ${(100 * overlap).toFixed(0)}%): ` +
    'what they share says little; add wordings that differ'
  );
}

export function repeatedWarning(repeated: readonly string[]): string {
  const times = repeated.length === 1 ? 'a prompt is' : `${repeated.length} prompts are`;
  return `${times} given more than once and counted once: "${repeated[0]}"`;
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
