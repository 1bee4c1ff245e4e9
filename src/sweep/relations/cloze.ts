// Sentences as prompts: the place in a sentence at which the model is asked, so that activations can be read there (Dai et al.
// 2022, section 4; their released code masks the object, or a word at random, in the same way).
import { draw, drawing } from '../../random.js';
import { MASK } from '../../spec/prompts.js';

/** Where a word or a name stands in a sentence: from its first character to that behind its last. */
type Span = readonly [start: number, end: number];

/** Words among which one is drawn: of very long sentences the first ones. */
const WORDS = 50;

/**
 * A sentence that states a fact, asked for the object at its first mention outside the subject: with a mask in its place, or
 * for a model that continues text, cut before it.
 * @returns undefined where the object is not named; for a model that continues text, where the subject does not stand before it
 */
export function askedForObject(
  sentence: string,
  subject: string,
  object: string,
  causal: boolean,
): string | undefined {
  const subjects = mentions(sentence, subject);
  const at = mentions(sentence, object)
    .filter((own) => !subjects.some((other) => overlap(own, other)))
    .find(([start]) => !causal || subjects.some(([, end]) => end <= start));
  return at && askedAt(sentence, at, causal);
}

/**
 * A sentence, asked at a random word that is not the subject's; for a model that continues text, at one behind the subject.
 * @param subject undefined where the sentence is about nothing in particular: then at any but a first word
 * @returns undefined where the subject is not named, or there is no such word
 */
export function askedAnywhere(
  sentence: string,
  subject: string | undefined,
  causal: boolean,
  random: () => number,
): string | undefined {
  const subjects = subject === undefined ? [] : mentions(sentence, subject);
  const [first] = subjects;
  if (subject !== undefined && !first) return undefined;
  const words = spansOf(sentence, /[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}'’-]*[\p{L}\p{M}\p{N}])?/gu).slice(
    0,
    WORDS,
  );
  const start = first?.[1] ?? words[0]?.[1] ?? 0;
  const free = words.filter(
    (own) => !subjects.some((other) => overlap(own, other)) && (!causal || own[0] >= start),
  );
  const [at] = draw(free, 1, random);
  return at && askedAt(sentence, at, causal);
}

/**
 * Draws sentences that do not name a subject. They are looked through one by one, as far as is needed: a pool is large, and
 * drawn from for every fact.
 * @returns `count` of them; all that there are where they are fewer
 */
export function unrelatedTo(
  subject: string,
  pool: readonly string[],
  count: number,
  random: () => number,
): string[] {
  const found: string[] = [];
  if (count === 0) return found;
  for (const sentence of drawing(pool, random)) {
    if (!names(sentence, subject)) found.push(sentence);
    if (found.length === count) break;
  }
  return found;
}

/** Whether a sentence names something. */
export function names(sentence: string, name: string): boolean {
  return mentions(sentence, name).length > 0;
}

function askedAt(sentence: string, [start, end]: Span, causal: boolean): string | undefined {
  const before = sentence.slice(0, start);
  if (!causal) return `${before}${MASK}${sentence.slice(end)}`;
  return before.trim() === '' ? undefined : before.trimEnd();
}

/** Where a name stands, and is no part of a longer word. */
function mentions(sentence: string, name: string): Span[] {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return escaped === ''
    ? []
    : spansOf(sentence, new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu'));
}

function spansOf(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: found }): Span => [index, index + found.length]);
}

function overlap([start, end]: Span, [otherStart, otherEnd]: Span): boolean {
  return start < otherEnd && otherStart < end;
}
