// A run's neurons beside those of a file, against overlaps that were counted by hand.
import { expect, test } from 'vitest';
import { compareNeurons } from '../../../src/sweep/report/compare.js';
import { reported } from '../../../src/sweep/report/results.js';
import { located, resultOf } from '../../support/sweep-results.js';

test('Jaccard overlap with the same fact, beside that with another one of its relation', () => {
  const results = [
    resultOf({ id: 'one', relation: 'P36', neurons: located([0, 1], [0, 2], [1, 3]) }),
    resultOf({ id: 'two', relation: 'P36', neurons: located([0, 1]) }),
    resultOf({ id: 'empty', relation: 'P39', neurons: [] }), // which says nothing of either
    resultOf({ id: 'three', relation: 'P36', neurons: located([2, 2]) }),
    resultOf({ id: 'four', relation: 'P38', subject: 'Japan', object: 'yen', neurons: located([1, 1]) }),
  ];
  const { facts, measures, ownAlone, otherAlone } = compareNeurons(
    results.map(reported),
    [
      {
        id: 'one',
        neurons: [
          [0, 1],
          [0, 2],
          [2, 5],
        ],
      },
      { id: 'two', neurons: [[0, 1]] },
      {
        id: 'uuid',
        relation: 'P38',
        subject: 'japan',
        object: 'Yen',
        neurons: [
          [1, 1],
          [1, 2],
        ],
      },
      { id: 'empty', neurons: [] },
      { id: 'nobody', neurons: [[0, 1]] },
    ],
    'others.json',
  );
  expect(facts.map(({ fact, common, jaccard }) => [fact.id, common, jaccard])).toEqual([
    ['one', 2, 2 / 4],
    ['two', 1, 1],
    ['empty', 0, 1],
    ['four', 1, 1 / 2],
  ]);
  expect([ownAlone, otherAlone]).toEqual([1, 1]);
  const [all, capital] = measures;
  expect(all).toMatchObject({ name: 'jaccard', relation: null });
  expect(all?.estimate.value).toBeCloseTo(2 / 3, 12);
  expect(capital?.estimate.value).toBe(0.75);
  // "one" beside the other's "two" and the other way round: 1 of 3 each.
  expect(capital?.control?.estimate.value).toBeCloseTo(1 / 3, 12);
});
