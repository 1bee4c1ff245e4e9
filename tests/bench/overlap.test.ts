// The overlap of neurons found from few prompts with those found from all: against sets made by hand.
import { expect, it } from 'vitest';
import { jaccard, overlapByPrompts, refinedOf } from '../../src/bench/overlap.js';
import { seeded } from '../../src/random.js';

/** A map of two layers of three neurons with some scores of 1. */
const map = (...high: number[]) => Float32Array.from({ length: 6 }, (_, i) => Number(high.includes(i)));

it('overlap of sets', () => {
  expect(
    jaccard(
      [
        [0, 1],
        [1, 2],
      ],
      [
        [1, 2],
        [0, 0],
        [0, 1],
      ],
    ),
  ).toBeCloseTo(2 / 3, 12);
  expect([jaccard([], []), jaccard([[0, 1]], [])]).toEqual([1, 0]);
});

it('refines under the default settings: coarse in 70% of the maps', () => {
  const maps = [map(0, 5), map(0, 5), map(0, 4), map(0, 5)];
  expect(refinedOf(maps, 3)).toEqual([
    [0, 0],
    [1, 2],
  ]);
  expect(refinedOf(maps.slice(0, 3), 3)).toEqual([[0, 0]]);
});

it('rises to 1 with all prompts, and is the mean over orders', () => {
  const maps = [map(0, 1), map(0, 1), map(0, 2)];
  const all = refinedOf(maps, 3);
  expect(all).toEqual([[0, 0]]);
  const overlap = overlapByPrompts(maps, 3, all, 300, seeded(1));
  // One prompt gives two neurons of which one counts; two give the same pair in one order of three, else one neuron.
  expect(overlap[0]).toBeCloseTo(1 / 2, 12);
  expect(overlap[1]).toBeCloseTo((1 / 3) * (1 / 2) + 2 / 3, 1);
  expect(overlap[2]).toBe(1);
});
