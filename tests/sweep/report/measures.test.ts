// The measures of operations and rewrites, against numbers that were worked out by hand.
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../src/random.js';
import { analyse } from '../../../src/sweep/report/analysis.js';
import type { MeasureName } from '../../../src/sweep/report/definitions.js';
import type { Measure } from '../../../src/sweep/report/measure.js';
import { reported } from '../../../src/sweep/report/results.js';
import type { SweepProbe, SweepResult } from '../../../src/sweep/result.js';
import { effectOf, probeOf, resultOf, sideOf } from '../../support/sweep-results.js';

function measuresOf(results: readonly SweepResult[]) {
  const { measures } = analyse(results.map(reported), results[0]?.operation ?? 'locate', 4);
  return (name: MeasureName, relation: string | null = null): Measure => {
    const found = measures.find((one) => one.name === name && one.relation === relation);
    if (!found) throw new Error(`no measure ${name} of ${relation}`);
    return found;
  };
}

/** As many facts as are compared, at least. */
const sixOf = (facts: readonly SweepResult[]) =>
  Array.from({ length: 6 }, (_, i) => facts[i % facts.length] as SweepResult);

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** A suppressed fact: P(object) of each of its prompts before, after, and after the same on random neurons. */
function suppressed(
  relation: string,
  changes: [before: number, after: number, random: number][],
): SweepResult {
  const draw = { draw: 1, damage: 0.02, flips: 0, perplexityRise: null };
  return resultOf({
    relation,
    operation: 'suppress',
    effect: effectOf({
      effect: mean(changes.map(([before, after]) => after - before)),
      damage: 0.01,
      flips: 0.5,
      comparison: 'better than random',
      probes: changes.map(([before, after]) => {
        return probeOf({}, { prob: before, rank: 1 }, { prob: after, rank: after < 0.2 ? 3 : 1 });
      }),
      control: {
        draws: [
          {
            ...draw,
            effect: mean(changes.map(([before, , random]) => random - before)),
            after: changes.map(([, , prob]) => sideOf({ prob, rank: 1 })),
          },
        ],
      },
    }),
  });
}

describe('suppressing', () => {
  const facts = [
    suppressed('capital', [
      [0.8, 0.4, 0.8],
      [0.4, 0.1, 0.3],
    ]),
    suppressed('capital', [
      [0.6, 0.2, 0.5],
      [0.2, 0.1, 0.2],
    ]),
    suppressed('currency', [[0.5, 0.4, 0.5]]),
  ];
  const measure = measuresOf(facts);

  test('the change ratio is a ratio of means over prompts', () => {
    // Capitals: -0.4 -0.3 -0.4 -0.1 over 0.8 + 0.4 + 0.6 + 0.2.
    expect(measure('ratio', 'capital').estimate).toMatchObject({ n: 2, value: expect.closeTo(-1.2 / 2, 12) });
    expect(measure('ratio', 'capital').control?.estimate.value).toBeCloseTo(-0.2 / 2, 12);
    expect(measure('ratio').estimate.value).toBeCloseTo(-1.3 / 2.5, 12);
  });

  test("the paper's average counts each relation the same", () => {
    expect(measure('ratio-relations').estimate).toMatchObject({
      n: 2,
      value: expect.closeTo((-0.6 - 0.2) / 2, 12),
    });
  });

  test('of relations, too, the difference is over the facts that have a control', () => {
    const uncontrolled = (relation: string) => {
      const fact = suppressed(relation, [[0.8, 0, 0]]);
      return { ...fact, effect: fact.effect && { ...fact.effect, control: null } };
    };
    const { estimate, control } = measuresOf([
      suppressed('capital', [[0.8, 0.4, 0.6]]),
      uncontrolled('capital'),
      suppressed('currency', [[0.5, 0.4, 0.45]]),
    ])('ratio-relations');
    expect(estimate.value).toBeCloseTo((-1.2 / 1.6 - 0.1 / 0.5) / 2, 12);
    expect(control?.estimate.value).toBeCloseTo((-0.2 / 0.8 - 0.05 / 0.5) / 2, 12);
    expect(control?.difference.value).toBeCloseTo((-0.2 / 0.8 - 0.05 / 0.5) / 2, 12);
    // Random neurons did the same, wherever they were asked.
    const asRandom = measuresOf(
      ['capital', 'currency', 'symbol', 'language', 'river', 'author'].flatMap((relation) => [
        suppressed(relation, [[0.8, 0.4, 0.4]]),
        uncontrolled(relation),
      ]),
    )('ratio-relations');
    expect(asRandom.control?.difference.value).toBeCloseTo(0, 12);
    expect(asRandom.control?.comparison).toBe('no better than random');
  });

  test('accuracy, before and after', () => {
    // Fact by fact: 1 of 2, 1 of 2 (0.2 is on top still), 1 of 1.
    expect(measure('accuracy').estimate.value).toBeCloseTo(2 / 3, 12);
    expect(measure('accuracy').before).toBe(1);
  });

  test('perplexity is a difference of exponentials of mean surprise', () => {
    const surprise = (probs: number[]) => probs.reduce((sum, p) => sum - Math.log(p), 0) / probs.length;
    const before = (surprise([0.8, 0.4]) + surprise([0.6, 0.2]) + surprise([0.5])) / 3;
    const after = (surprise([0.4, 0.1]) + surprise([0.2, 0.1]) + surprise([0.4])) / 3;
    expect(measure('own-perplexity').estimate.value).toBeCloseTo(Math.exp(after) - Math.exp(before), 10);
    expect(measure('own-perplexity').before).toBeCloseTo(Math.exp(before), 10);
  });

  test('effect and damage stand beside those of random neurons', () => {
    const { estimate, control } = measure('effect', 'capital');
    expect(estimate.value).toBeCloseTo((-0.35 - 0.25) / 2, 12);
    expect(control?.estimate.value).toBeCloseTo((-0.05 - 0.05) / 2, 12);
    expect(control?.difference.value).toBeCloseTo(-0.25, 12);
    // All facts lost more than by random neurons.
    const many = measuresOf(sixOf(facts));
    expect(many('effect').control?.comparison).toBe('better than random');
    expect(many('damage').control).toMatchObject({ comparison: 'better than random' });
    // More answers changed than by random neurons.
    expect(many('flips').control).toMatchObject({ comparison: 'no better than random' });
  });

  test('what random neurons do as well is no better than random', () => {
    const none = measuresOf(
      sixOf([suppressed('capital', [[0.8, 0.4, 0.4]]), suppressed('capital', [[0.8, 0.5, 0.5]])]),
    );
    expect(none('ratio').control?.comparison).toBe('no better than random');
    expect(none('effect').control?.comparison).toBe('no better than random');
  });

  test('fewer than six facts are not compared: five lie on one side by chance once in 32 times', () => {
    const one = suppressed('capital', [[0.8, 0.4, 0.8]]);
    const of = (n: number) => measuresOf(Array.from({ length: n }, () => one))('effect').control?.comparison;
    expect([1, 2, 5, 6].map(of)).toEqual([...Array(3).fill('not compared'), 'better than random']);
  });

  test('the facts that have a control have a number of their own, less the control the difference', () => {
    const alone = suppressed('capital', [[0.8, 0.7, 0.7]]);
    const { estimate, control } = measuresOf([
      ...[suppressed('capital', [[0.8, 0.4, 0.6]]), suppressed('capital', [[0.8, 0.2, 0.6]])],
      ...[{ ...alone, effect: alone.effect && { ...alone.effect, control: null } }],
    ])('effect');
    expect(estimate).toMatchObject({ n: 3, value: expect.closeTo(-1.1 / 3, 12) });
    expect(control?.own).toMatchObject({ n: 2, value: expect.closeTo(-0.5, 12) });
    expect(control?.estimate).toMatchObject({ n: 2, value: expect.closeTo(-0.2, 12) });
    expect(control?.difference.value).toBeCloseTo(-0.3, 12);
  });
});

describe('rewriting', () => {
  // "to" has two tokens, of which the joint probability is given; the old answer has one.
  const target = probeOf(
    { newTokens: 2 },
    { prob: 0.5, rank: 1, answer: 'Paris', newProb: 0.01, newRank: 9, oldProb: 0.5 },
    { prob: 0.4, rank: 2, answer: 'Lyon', newProb: 0.25, newRank: 1, oldProb: 0.4 },
  );
  const unanswered = probeOf(
    { newTokens: 2 },
    { prob: 0.1, rank: 2, answer: 'a', newProb: 0.01, newRank: 9, oldProb: 0.1 },
    { prob: 0.3, rank: 2, answer: 'a', newProb: 0.04, newRank: 4, newHits: 1, oldProb: 0.3 },
  );
  const paraphrase = probeOf(
    { role: 'paraphrase', expect: 'Lyon on', tokens: 2, newTokens: 2 },
    { prob: 0.01, newProb: 0.01, newRank: 9, oldProb: 0.5 },
    { prob: 0.04, newProb: 0.04, newRank: 3, oldProb: 0.1 },
  );
  const expectsOld = probeOf(
    { role: 'paraphrase', newTokens: 2 },
    { prob: 0.5, rank: 1, newProb: 0.01, newRank: 9 },
    { prob: 0.3, newProb: 0.25, newRank: 1 },
  );
  const neighbour = probeOf(
    { role: 'neighborhood', expect: 'Rome', tokens: 1, newTokens: 2 },
    { prob: 0.6, rank: 1, answer: 'Rome', newProb: 0.01, newRank: 9, oldProb: 0.1 },
    { prob: 0.3, rank: 1, answer: 'Rome', newProb: 0.04, newRank: 4, oldProb: 0.1 },
  );
  const expectsNew = probeOf(
    { role: 'neighborhood', expect: 'Lyon on', tokens: 2, newTokens: 2, expectsNew: true },
    { prob: 0.6, hits: 1, newProb: 0.6, newRank: 1, oldProb: 0.1 },
    { prob: 0.6, hits: 1, newProb: 0.6, newRank: 1, oldProb: 0.1, kept: 1 },
  );
  const other = probeOf(
    { role: 'unrelated', expect: 'yen', tokens: 1, newTokens: 2 },
    { prob: 0.6, rank: 1, answer: 'yen', newProb: 0.01, newRank: 9, oldProb: 0.1 },
    { prob: 0.3, rank: 2, answer: 'euro', newProb: 0.04, newRank: 4, oldProb: 0.1 },
  );
  const further = probeOf(
    { role: 'portability', expect: 'Rhône', tokens: 1 },
    { prob: 0.1, rank: 5, answer: 'Seine' },
    { prob: 0.5, rank: 1, answer: 'Rhône' },
  );
  const effect = effectOf({
    method: 'solve',
    to: 'Lyon',
    probes: [target, unanswered, paraphrase, expectsOld, neighbour, expectsNew, other, further],
  });
  const measure = measuresOf([resultOf({ operation: 'edit', effect })]);
  const value = (name: MeasureName) => measure(name).estimate.value;

  test('ROME: per-token means, per record', () => {
    // After: sqrt(0.25) = 0.5 over 0.4, and sqrt(0.04) = 0.2 under 0.3.
    expect(value('ES')).toBe(0.5);
    expect(value('EM')).toBeCloseTo((0.1 - 0.1) / 2, 12);
    expect(value('PS')).toBe(1);
    expect(value('PM')).toBeCloseTo((0.2 - 0.1 + (0.5 - 0.3)) / 2, 12);
    expect(measure('PM').before).toBeCloseTo((0.1 - 0.5 + (0.1 - 0.5)) / 2, 12);
    expect(value('NS')).toBe(1);
    expect(value('NM')).toBeCloseTo(0.3 - 0.2, 12);
    expect(value('S')).toBeCloseTo(3 / (1 / 0.5 + 1 + 1), 12);
    expect(measure('ES').before).toBe(0);
    expect(measure('NM').before).toBeCloseTo(0.6 - 0.1, 12);
  });

  test('Dai et al.: of the prompts that were answered before', () => {
    expect(value('success-rate')).toBe(1);
    expect(value('change-rate')).toBe(1);
    expect(value('within-perplexity')).toBeCloseTo(1 / Math.sqrt(0.3 * 0.6) - 1 / 0.6, 10);
    expect(measure('between-perplexity').before).toBeCloseTo(1 / 0.6, 10);
  });

  test('EasyEdit: shares of tokens', () => {
    // Both tokens of the first prompt, one of the second's two.
    expect(value('rewrite-accuracy')).toBe((1 + 1 / 2) / 2);
    expect(measure('rewrite-accuracy').before).toBe(0);
    expect(value('rephrase-accuracy')).toBe(0.5);
    // The neighbour's only one, one of the two of the next, none of the other fact's.
    expect(value('locality')).toBeCloseTo((1 + 1 / 2 + 0) / 3, 12);
    expect(measure('locality').before).toBeUndefined();
    expect(value('portability')).toBe(1);
    expect(measure('portability').before).toBe(0);
    expect(measure('portability').control).toBeUndefined();
  });
});

describe('by the formulas of the released code, beside random neurons', () => {
  // Log-probabilities token by token, drawn; from them what a run keeps, and the formulas.
  const random = seeded(11);
  const logs = (tokens: number) => Array.from({ length: tokens }, () => Math.log(0.02 + 0.9 * random()));
  const nll = (tokens: readonly number[]) => -mean(tokens);
  const joint = (tokens: readonly number[]) => Math.exp(tokens.reduce((sum, one) => sum + one, 0));
  const draws = 3;

  /** In each state, before, after and after each draw, of old and new answer. */
  function prompt(role: SweepProbe['role']) {
    const [tokens, newTokens] = [1 + Math.floor(3 * random()), 1 + Math.floor(3 * random())];
    const states = Array.from({ length: 2 + draws }, () => ({ old: logs(tokens), next: logs(newTokens) }));
    const sides = states.map(({ old, next }) =>
      sideOf({ prob: joint(old), newProb: joint(next), newRank: 2 }),
    );
    const [before, after, ...drawn] = sides;
    return { role, states, drawn, probe: probeOf({ role, tokens, newTokens }, before ?? {}, after ?? {}) };
  }

  const records = Array.from({ length: 12 }, () => [
    prompt('target'),
    prompt('target'),
    prompt('paraphrase'),
    prompt('neighborhood'),
    prompt('neighborhood'),
  ]);
  const measure = measuresOf(
    records.map((prompts) =>
      resultOf({
        operation: 'edit',
        effect: effectOf({
          to: 'Lyon',
          probes: prompts.map(({ probe }) => probe),
          control: {
            draws: Array.from({ length: draws }, (_, k) => ({
              ...{ draw: k + 1, effect: 0, damage: 0, flips: 0, perplexityRise: null },
              after: prompts.flatMap(({ drawn }) => drawn[k] ?? []),
            })),
          },
        }),
      }),
    ),
  );

  /** Mean over a record's prompts, then over records, in one state. */
  function byFormula(role: string, state: number, of: (old: number, next: number) => number): number {
    return mean(
      records.map((prompts) =>
        mean(
          prompts
            .filter((one) => one.role === role)
            .map(({ states }) => of(nll(states[state]?.old ?? []), nll(states[state]?.next ?? []))),
        ),
      ),
    );
  }
  const overDraws = (of: (state: number) => number) =>
    mean(Array.from({ length: draws }, (_, k) => of(2 + k)));
  const formulas = [
    ['ES', 'EM', 'target', 1],
    ['PS', 'PM', 'paraphrase', 1],
    ['NS', 'NM', 'neighborhood', -1],
  ] as const;

  test.each(formulas)('%s and %s', (score, magnitude, role, sign) => {
    const success = (state: number) => byFormula(role, state, (old, next) => Number(sign * (old - next) > 0));
    const difference = (state: number) =>
      byFormula(role, state, (old, next) => sign * (Math.exp(-next) - Math.exp(-old)));
    for (const [name, of] of [
      [score, success],
      [magnitude, difference],
    ] as const) {
      const { estimate, before, control } = measure(name);
      expect(estimate.value).toBeCloseTo(of(1), 10);
      expect(before).toBeCloseTo(of(0), 10);
      expect(control?.estimate.value).toBeCloseTo(overDraws(of), 10);
      expect(control?.difference.value).toBeCloseTo(of(1) - overDraws(of), 10);
    }
  });

  test('S', () => {
    const scores = (state: number) =>
      formulas.map(([, , role, sign]) =>
        byFormula(role, state, (old, next) => Number(sign * (old - next) > 0)),
      );
    const harmonic = (values: number[]) => 3 / values.reduce((sum, one) => sum + 1 / one, 0);
    const drawn = [0, 1, 2].map((i) => overDraws((state) => scores(state)[i] ?? 0));
    expect(measure('S').estimate.value).toBeCloseTo(harmonic(scores(1)), 10);
    expect(measure('S').before).toBeCloseTo(harmonic(scores(0)), 10);
    expect(measure('S').control?.estimate.value).toBeCloseTo(harmonic(drawn), 10);
  });

  test('a share of successes is no success of mean probabilities', () => {
    // Of two draws one prefers the new answer, by little: the other by far the old one.
    const probe = probeOf(
      {},
      { prob: 0.5, newProb: 0.1, newRank: 2 },
      { prob: 0.1, newProb: 0.5, newRank: 1 },
    );
    const after = [sideOf({ prob: 0.2, newProb: 0.3 }), sideOf({ prob: 0.9, newProb: 0.05 })];
    const draw = { effect: 0, damage: 0, flips: 0, perplexityRise: null };
    const control = { draws: after.map((side, i) => ({ ...draw, draw: i + 1, after: [side] })) };
    const found = measuresOf([
      resultOf({ operation: 'edit', effect: effectOf({ probes: [probe], control }) }),
    ]);
    expect(found('ES').control?.estimate.value).toBe(0.5);
    expect(found('EM').control?.estimate.value).toBeCloseTo((0.1 - 0.85) / 2, 12);
  });
});

test('perplexities and accuracies of random neurons', () => {
  const [before, after, drawn] = [
    [0.5, 0.4],
    [0.2, 0.1],
    [0.45, 0.35],
  ] as const;
  const results = [0, 1].map((i) => suppressed('capital', [[before[i] ?? 0, after[i] ?? 0, drawn[i] ?? 0]]));
  const measure = measuresOf(results);
  const perplexity = (probs: readonly number[]) => Math.exp(-mean(probs.map(Math.log)));
  const { estimate, control } = measure('own-perplexity');
  expect(estimate.value).toBeCloseTo(perplexity(after) - perplexity(before), 10);
  expect(control?.estimate.value).toBeCloseTo(perplexity(drawn) - perplexity(before), 10);
  expect(control?.difference.value).toBeCloseTo(perplexity(after) - perplexity(drawn), 10);
  expect(measure('accuracy').control?.estimate.value).toBe(1);
});

test('what differs by rounding alone is no better than random', () => {
  const same = Array.from({ length: 6 }, () => suppressed('capital', [[0.7, 0.1, 0.1 + 1e-13]]));
  expect(measuresOf(same)('ratio').control?.comparison).toBe('no better than random');
});
