// How an edit stands, in the words of `history` and of the Ledger screen.
import { expect, it } from 'vitest';
import { standingCell } from '../../src/report/history.js';
import { PLAIN } from '../../src/report/style.js';

it.each([
  ['holds', 6, 6, 'holds 6/6'],
  ['lost', 1, 6, 'lost 1/6'],
  ['weakened', 0, 0, 'effect weakened'],
  ['reached nothing', 0, 0, 'reached nothing'],
] as const)('%s, %d of %d', (state, kept, reached, words) => {
  const standing = { state, kept, reached, probRecorded: 0.5, prob: 0.4, measuredAt: '2026-01-01T00:00:00Z' };
  expect(standingCell(standing, PLAIN)).toBe(words);
});
