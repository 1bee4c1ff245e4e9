// The lines in which an edit's fact is written: its fields, its prompts, and one for a new prompt.
import type { Fact } from '../../index.js';
import { targetText } from '../../report/words.js';
import { type Written, withFact } from '../bench.js';

/** The lines before the prompts. */
export const FIELDS = ['subject', 'relation', 'object', 'name'] as const;

/** The lines that the cursor can be on, each as it is typed. */
export function rowsOf(written: Written | undefined): string[] {
  if (!written) return [];
  const { name, fact } = written;
  const object = typeof fact.object === 'string' ? fact.object : targetText(fact.object);
  return [fact.subject, fact.relation, object, name, ...fact.prompts, ''];
}

/** What a line is called. */
export function labelOf(row: number): string {
  return FIELDS[row] ?? 'prompt';
}

/** What is written, with another text in one line. @param text while it is typed, just as it is */
export function withTyped(written: Written, row: number, text: string): Written {
  return withLines(written, row, text, row < FIELDS.length ? [] : [text]);
}

/** The same with a text that is whole: several prompts where it has several lines, none where it is empty. */
export function withRow(written: Written, row: number, text: string): Written {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return withLines(written, row, text.trim(), lines);
}

function withLines(written: Written, row: number, text: string, lines: readonly string[]): Written {
  const { fact } = written;
  switch (FIELDS[row]) {
    case 'subject':
      return withFact(written, subjectIn(fact, text));
    case 'relation':
      return withFact(written, { ...fact, relation: text });
    case 'object':
      return withFact(written, { ...fact, object: text });
    case 'name':
      return text.trim() === '' ? written : { ...written, name: text };
    default: {
      const at = row - FIELDS.length;
      const prompts = [...fact.prompts.slice(0, at), ...lines, ...fact.prompts.slice(at + 1)];
      return { ...written, fact: { ...fact, prompts } };
    }
  }
}

/** A fact with its subject, which goes into the wordings that wait for it. */
function subjectIn(fact: Fact, subject: string): Fact {
  const prompts = fact.prompts.map((prompt) => prompt.replaceAll('[X]', () => subject || '[X]'));
  return { ...fact, subject, prompts };
}
