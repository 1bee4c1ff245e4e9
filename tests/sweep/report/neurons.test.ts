// What located neurons have in common, against numbers that were counted by hand, and on published neurons.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countOf, intersections, type LocatedFact, layerShares } from '../../../src/sweep/report/neurons.js';
import { meanOf, ratioOf } from '../../../src/sweep/report/statistics.js';
import { ROOT } from '../../support/cli.js';

const a = [0, 1] as const;
const b = [0, 2] as const;
const c = [1, 3] as const;
const d = [1, 4] as const;

const FACTS: LocatedFact[] = [
  { relation: 'capital', neurons: [a, b, c] },
  { relation: 'capital', neurons: [a, c] },
  { relation: 'capital', neurons: [c] },
  { relation: 'currency', neurons: [a, d] },
  { relation: 'currency', neurons: [d] },
];

describe('estimates', () => {
  test('mean and sample deviation', () => {
    const found = meanOf([1, 2, 3, 4]);
    expect(found?.value).toBe(2.5);
    expect(found?.sd).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });

  test('the interval of a mean is near that of the normal distribution', () => {
    // 400 units, half 0 and half 1: the standard error is 0.025.
    const found = meanOf(Array.from({ length: 400 }, (_, i) => i % 2));
    expect(found?.low).toBeGreaterThan(0.5 - 2.3 * 0.025);
    expect(found?.low).toBeLessThan(0.5 - 1.65 * 0.025);
    expect(found?.high).toBeGreaterThan(0.5 + 1.65 * 0.025);
    expect(found?.high).toBeLessThan(0.5 + 2.3 * 0.025);
  });

  test('equal values have an interval of no width, one value has none, and none have no mean', () => {
    expect(meanOf([3, 3, 3])).toEqual({ n: 3, value: 3, sd: 0, low: 3, high: 3 });
    expect(meanOf([3])).toEqual({ n: 1, value: 3, sd: null, low: null, high: null });
    expect(meanOf([])).toBeUndefined();
  });

  test('a ratio of means is no mean of ratios', () => {
    const parts = [
      { over: 1, under: 1 },
      { over: 1, under: 3 },
    ];
    expect(ratioOf(parts)?.value).toBe(0.5);
    expect(ratioOf([{ over: 1, under: 0 }])).toBeUndefined();
    // By hand: (over - R under) / mean under, with R = 26 / 29.
    const shares = [
      { over: 8, under: 9 },
      { over: 12, under: 12 },
      { over: 6, under: 8 },
    ];
    const found = 26 / 29;
    const residuals = [8 - found * 9, 12 - found * 12, 6 - found * 8].map((one) => one / (29 / 3));
    expect(ratioOf(shares)?.sd).toBeCloseTo(
      Math.sqrt(residuals.reduce((all, one) => all + one ** 2, 0) / 2),
      12,
    );
    // One ratio everywhere has no spread, however large its units are.
    expect(
      ratioOf([
        { over: 1, under: 2 },
        { over: 3, under: 6 },
      ])?.sd,
    ).toBeCloseTo(0, 12);
  });

  test('the same facts give the same interval', () => {
    const values = Array.from({ length: 50 }, (_, i) => (i * 37) % 11);
    expect(meanOf(values)).toEqual(meanOf(values));
  });
});

describe('neurons in common', () => {
  test('count', () => {
    expect(countOf(FACTS)).toMatchObject({ n: 5, value: 9 / 5 });
  });

  test('share of each layer', () => {
    // Of nine neurons, four lie in layer 0: a three times, b once.
    expect(layerShares(FACTS, 3).map(({ value }) => value)).toEqual([4 / 9, 5 / 9, 0]);
  });

  test('within and between relations', () => {
    const found = intersections(FACTS);
    expect(found.relations).toEqual(['capital', 'currency']);
    // Capitals: {abc, ac} share 2, {abc, c} 1, {ac, c} 1. Currencies: {ad, d} share 1.
    expect(found.within.map((one) => one?.value)).toEqual([4 / 3, 1]);
    expect(found.withinAll?.value).toBeCloseTo(5 / 4, 12);
    // Of the six pairs of a capital and a currency, abc and ac share a with ad.
    expect(found.matrix[0]?.[1]).toBeCloseTo(2 / 6, 12);
    expect(found.matrix[1]?.[0]).toBeCloseTo(2 / 6, 12);
    expect(found.matrix[0]?.[0]).toBeCloseTo(4 / 3, 12);
    expect(found.between.map((one) => one?.value)).toEqual([
      expect.closeTo(1 / 3, 12),
      expect.closeTo(1 / 3, 12),
    ]);
    expect(found.betweenAll?.value).toBeCloseTo(1 / 3, 12);
  });

  test('equals counting pair by pair, for facts that were drawn', () => {
    let state = 7;
    const next = (n: number) => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * n);
    };
    const facts = Array.from({ length: 40 }, (): LocatedFact => {
      const keys = new Set(Array.from({ length: 1 + next(6) }, () => next(12)));
      return { relation: `r${next(4)}`, neurons: [...keys].map((key) => [key % 2, key] as const) };
    });
    const found = intersections(facts);
    const [shared, pairs] = [
      { within: 0, between: 0 },
      { within: 0, between: 0 },
    ];
    const rows = new Map<string, { sum: number; count: number }>();
    for (const one of facts) {
      for (const other of facts) {
        if (one === other) continue;
        const common = one.neurons.filter(([, x]) => other.neurons.some(([, y]) => x === y)).length;
        const kind = one.relation === other.relation ? 'within' : 'between';
        shared[kind] += common;
        pairs[kind]++;
        const key = `${one.relation} ${other.relation}`;
        const { sum, count } = rows.get(key) ?? { sum: 0, count: 0 };
        rows.set(key, { sum: sum + common, count: count + 1 });
      }
    }
    expect(found.withinAll?.value).toBeCloseTo(shared.within / pairs.within, 12);
    for (const [i, r] of found.relations.entries()) {
      for (const [k, one] of found.relations.entries()) {
        const { sum, count } = rows.get(`${r} ${one}`) ?? { sum: 0, count: 1 };
        expect(found.matrix[i]?.[k]).toBeCloseTo(sum / count, 12);
      }
    }
  });

  test('spread about the mean over pairs, where relations are of different sizes', () => {
    const alone = { relation: 'language', neurons: [a] };
    const { withinAll } = intersections([...FACTS, alone]);
    // Of each fact, what it shares with the others of its relation, and how many they are; the lone one is in no pair.
    const [shared, others] = [
      [3, 3, 2, 1, 1],
      [2, 2, 2, 1, 1],
    ];
    const residuals = shared.map((count, i) => (count - 1.25 * (others[i] ?? 0)) / 1.6);
    expect(withinAll).toMatchObject({ n: 5, value: 1.25 });
    expect(withinAll?.sd).toBeCloseTo(Math.sqrt(residuals.reduce((all, one) => all + one ** 2, 0) / 4), 12);
  });

  test('a single fact has no pair', () => {
    const found = intersections([{ relation: 'capital', neurons: [a] }]);
    expect(found.matrix).toEqual([[null]]);
    expect(found.within).toEqual([undefined]);
    expect(found.betweenAll).toBeUndefined();
  });
});

const published = join(ROOT, '../shared/data/eleutherai/neurons-P36.json');

describe.skipIf(!existsSync(published))(`published neurons of P36 (${published})`, () => {
  test('471 facts, in twelve layers', () => {
    const file = JSON.parse(readFileSync(published, 'utf8')) as Record<string, [number, number][]>;
    const facts = Object.values(file).map((neurons) => ({ relation: 'P36', neurons }));
    expect(countOf(facts)?.n).toBe(471);
    const shares = layerShares(facts, 12);
    expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 12);
    // As for all their facts, most lie in the last layers.
    expect(shares.slice(9).reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0.5);
    const { within, withinAll, betweenAll } = intersections(facts);
    expect(within[0]?.value).toBeGreaterThan(1);
    expect(withinAll).toEqual(within[0]);
    expect(withinAll?.low).toBeLessThan(withinAll?.value ?? 0);
    expect(withinAll?.high).toBeGreaterThan(withinAll?.value ?? 0);
    expect(betweenAll).toBeUndefined();
  });
});
