// A line of text that is being typed, and what a key makes of it. Counts by what people call characters, so that
// accents, emoji and wide scripts are one step each.
import type { Pressed } from './key-stream.js';
import { actionOf } from './keys.js';

export interface Line {
  characters: readonly string[];
  /** The cursor stands before this character. */
  at: number;
}

/** A line with the cursor behind its text. */
export function lineOf(text: string): Line {
  const characters = charactersOf(text);
  return { characters, at: characters.length };
}

export function textOf({ characters }: Line): string {
  return characters.join('');
}

/** The line after a key of editing, or with what was typed or pasted in it; the same line for every other key. */
export function edited(line: Line, { key, text, pasted }: Pressed): Line {
  const { characters, at } = line;
  const end = characters.length;
  const before = characters.slice(0, at);
  const without = (from: number, to: number) => joined(characters.slice(0, from), characters.slice(to));
  const action = pasted ? undefined : actionOf('text', key);
  switch (action) {
    case 'left':
      return { characters, at: Math.max(0, at - 1) };
    case 'right':
      return { characters, at: Math.min(end, at + 1) };
    case 'wordLeft':
      return { characters, at: wordStart(characters, at) };
    case 'wordRight':
      return { characters, at: wordEnd(characters, at) };
    case 'start':
      return { characters, at: 0 };
    case 'end':
      return { characters, at: end };
    case 'cutLeft':
      return without(Math.max(0, at - 1), at);
    case 'cutRight':
      return without(at, at + 1);
    case 'cutWordLeft':
      return without(wordStart(characters, at), at);
    case 'cutWordRight':
      return without(at, wordEnd(characters, at));
    case 'cutToStart':
      return without(0, at);
    case 'cutToEnd':
      return without(at, end);
    default:
      return text === '' ? line : joined([...before, text], characters.slice(at));
  }
}

/** Taken apart anew: what is typed may be an accent to the character before it. */
function joined(before: readonly string[], after: readonly string[]): Line {
  const left = before.join('');
  return { characters: charactersOf(left + after.join('')), at: charactersOf(left).length };
}

const IN_WORD = /[\p{L}\p{N}_]/u;

function wordStart(characters: readonly string[], from: number): number {
  let at = from;
  while (at > 0 && !IN_WORD.test(characters[at - 1] ?? '')) at--;
  while (at > 0 && IN_WORD.test(characters[at - 1] ?? '')) at--;
  return at;
}

function wordEnd(characters: readonly string[], from: number): number {
  let at = from;
  while (at < characters.length && !IN_WORD.test(characters[at] ?? '')) at++;
  while (at < characters.length && IN_WORD.test(characters[at] ?? '')) at++;
  return at;
}

function charactersOf(text: string): string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}
