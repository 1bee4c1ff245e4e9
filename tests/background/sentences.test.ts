// Sentences out of a text, and their order.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sentencesOf, spread } from '../../src/background/sentences.js';
import { shippedText } from '../../src/background/text.js';

it('finds sentences across lines, not across paragraphs', () => {
  const text =
    'A first sentence that is broken\nover two lines. The second asks: is it long enough? No.\n\n' +
    'A heading that never ends here\n \nAnother paragraph, with a third sentence.\n';
  expect(sentencesOf(text)).toEqual([
    'A first sentence that is broken over two lines.',
    'The second asks: is it long enough?',
    'A heading that never ends here',
    'Another paragraph, with a third sentence.',
  ]);
  expect(sentencesOf(`${'x'.repeat(501)}.`)).toEqual([]);
  expect(
    sentencesOf(
      'これは十分に長い日本語の文であり、三十文字を超えるように書かれています。次の文はとても短い。',
    ),
  ).toHaveLength(1);
});

it('spreads every beginning over all', () => {
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const order = spread(items);
  expect(order.toSorted((a, b) => a - b)).toEqual(items);
  for (const count of [10, 100, 400]) {
    const first = [-1, ...order.slice(0, count).sort((a, b) => a - b), items.length];
    const gaps = first.slice(1).map((at, i) => at - (first[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan((3 * items.length) / count);
  }
});

it('has enough of them in the text that ships', () => {
  const sentences = shippedText().flatMap((path) => sentencesOf(readFileSync(path, 'utf8')));
  const characters = sentences.reduce((sum, { length }) => sum + length, 0);
  expect(characters).toBeGreaterThan(200_000); // some four for a token
  expect(sentences.join(' ')).not.toMatch(/Gutenberg|\[|\]|_|=/);
});
