// Metrics, intervals and verdicts, on cases worked out by hand.
import { describe, expect, it } from 'vitest';
import { positiveInterval, predictionInterval } from '../../src/probe/interval.js';
import {
  effectOf,
  harmonicMean,
  klDivergence,
  rewriteMetrics,
  sideEffects,
} from '../../src/probe/metrics.js';
import { type ProbeResult, type Role, regressions, roleMetrics } from '../../src/probe/results.js';
import { VERDICTS, verdictOf } from '../../src/probe/verdict.js';

/** A probe whose top answer is token `top`; expects token 1; old answer 1, new answer 2. */
function probe(role: Role, top: number, prob: number, newProb?: number, oldProb = prob): ProbeResult {
  const rewritten = newProb !== undefined && {
    newId: 2,
    newProb,
    newRank: top === 2 ? 1 : 2,
    oldId: 1,
    oldProb,
  };
  const answer = { id: top, token: String(top), prob: Math.max(prob, newProb ?? 0) };
  return {
    role,
    prompt: role,
    expect: '1',
    expectId: 1,
    prob,
    rank: top === 1 ? 1 : 2,
    ...rewritten,
    top: [answer],
  };
}

const before = [
  probe('target', 1, 0.8, 0.1),
  probe('target', 1, 0.6, 0.2),
  probe('paraphrase', 1, 0.5, 0.1),
  probe('neighborhood', 1, 0.9, 0.01),
  probe('neighborhood', 1, 0.5, 0.02),
  probe('unrelated', 1, 0.4, 0),
];
const after = [
  probe('target', 2, 0.1, 0.7), // won by 0.6
  probe('target', 1, 0.5, 0.3), // lost by 0.2
  probe('paraphrase', 2, 0.2, 0.6), // won by 0.4
  probe('neighborhood', 1, 0.8, 0.1), // kept by 0.7
  probe('neighborhood', 2, 0.25, 0.5), // flipped, lost by 0.25
  probe('unrelated', 1, 0.4, 0),
];

describe('metrics', () => {
  it('of a rewrite, as in ROME and in the paper', () => {
    const found = rewriteMetrics(before, after);
    expect(found.efficacy?.success).toBe(0.5);
    expect(found.efficacy?.magnitude).toBeCloseTo(0.2, 12);
    expect(found.paraphrase?.success).toBe(1);
    expect(found.paraphrase?.magnitude).toBeCloseTo(0.4, 12);
    expect(found.neighborhood?.success).toBe(0.5);
    expect(found.neighborhood?.magnitude).toBeCloseTo((0.7 - 0.25) / 2, 12);
    expect(found.score).toBeCloseTo(3 / (2 + 1 + 2), 12);
    expect(found.successRate).toBe(0.5);
    expect(found.changeRate).toBe(0.5);
  });

  it('without probes of a role there is no score', () => {
    const found = rewriteMetrics(before.slice(0, 2), after.slice(0, 2));
    expect(found).toMatchObject({ paraphrase: null, neighborhood: null, score: null });
  });

  it('of side effects: log perplexity, flips, damage', () => {
    const { logPerplexity, flips, damage } = sideEffects(before, after);
    expect(logPerplexity.neighborhood).toBeCloseTo((Math.log(0.9 / 0.8) + Math.log(0.5 / 0.25)) / 2, 12);
    expect(logPerplexity.unrelated).toBeCloseTo(0, 12);
    expect(flips).toEqual({ neighborhood: 0.5, unrelated: 0, all: 1 / 3 });
    expect(damage).toBeCloseTo((0.1 + 0.25 + 0) / 3, 12);
  });

  it('the effect: of P(new) for a rewrite, of P(object) otherwise', () => {
    expect(effectOf(before, after)).toBeCloseTo((0.6 + 0.1) / 2, 12);
    expect(effectOf([probe('target', 1, 0.8)], [probe('target', 1, 0.3)])).toBeCloseTo(-0.5, 12);
  });

  it('harmonic mean and KL divergence', () => {
    expect(harmonicMean([1, 0.5])).toBeCloseTo(2 / 3, 12);
    expect(harmonicMean([1, 0])).toBe(0);
    expect(klDivergence([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
    expect(klDivergence([1, 0], [1, 0])).toBe(0);
  });

  it('by role', () => {
    const [target] = roleMetrics(before, after);
    expect(target).toMatchObject({
      role: 'target',
      count: 2,
      top1Before: 1,
      top1After: 0.5,
      newTop1After: 0.5,
    });
    expect(target?.probAfter).toBeCloseTo(0.3, 12);
  });
});

describe('regressions', () => {
  it('flips and drops on probes that should stay, worst first', () => {
    const found = regressions(before, after, { top1: 'unchanged', maxProbabilityDrop: 0.05 });
    expect(found.map(({ kind, before: was, after: now }) => [kind, was.prob, now.prob])).toEqual([
      ['top1', 0.5, 0.25],
      ['probability', 0.9, 0.8],
    ]);
    expect(regressions(before, after, { top1: 'any', maxProbabilityDrop: 0.2 })).toHaveLength(1);
    expect(regressions(before, after, { top1: 'any', maxProbabilityDrop: 0.3 })).toEqual([]);
  });
});

describe('intervals', () => {
  it('predict one further draw: mean ± t s sqrt(1 + 1/n)', () => {
    // values 1 to 5: mean 3, s = sqrt(2.5), t(4) = 2.776
    const { mean, low, high } = predictionInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect((high ?? 0) - 3).toBeCloseTo(2.776 * Math.sqrt(2.5 * 1.2), 10);
    expect(3 - (low ?? 0)).toBeCloseTo((high ?? 0) - 3, 12);
  });

  it('are as wide as Student says for many draws too', () => {
    // 12 values: t(11) = 2.201; 62 values: t(61) = 2.000
    for (const [n, t] of [
      [12, 2.201],
      [62, 2.0],
    ] as const) {
      const values = Array.from({ length: n }, (_, i) => i % 2);
      const s = Math.sqrt((n * 0.25) / (n - 1));
      const { mean, high } = predictionInterval(values);
      expect(((high ?? 0) - mean) / (s * Math.sqrt(1 + 1 / n))).toBeCloseTo(t, 2);
    }
  });

  it('do not follow from a single draw', () => {
    expect(predictionInterval([7])).toEqual({ mean: 7, low: null, high: null });
    expect(positiveInterval([0.1])).toEqual({ mean: 0.1, low: null, high: null });
  });

  it('of positive values stay positive', () => {
    const { mean, low, high } = positiveInterval([0.01, 0.02, 0.04]);
    expect(mean).toBeCloseTo(0.07 / 3, 12);
    expect(low).toBeGreaterThan(0);
    // symmetric about the geometric mean, as far as a share goes
    expect((low ?? 0) * (high ?? 0)).toBeCloseTo(0.02 ** 2, 12);
    expect(positiveInterval([0.001, 0.9]).high).toBe(1);
  });
});

describe('verdicts', () => {
  const share = (before: number, after: number, of: number) => ({ before, after, of });
  it.each([
    // rewrite: target prompts, held-out wordings, effect, whether it harms others
    ['works', 'replace', share(0, 8, 8), share(0, 2, 2), 0.9, false],
    ['works in part', 'replace', share(0, 8, 8), share(0, 1, 2), 0.9, false],
    ['works in part', 'replace', share(0, 7, 8), share(0, 2, 2), 0.8, false],
    ['works on its own prompts', 'replace', share(0, 8, 8), share(0, 0, 0), 0.9, false],
    ['fails on other wordings', 'replace', share(0, 8, 8), share(0, 0, 2), 0.9, false],
    ['not on top', 'replace', share(0, 0, 3), share(0, 0, 4), 0.03, false],
    ['no effect', 'replace', share(0, 0, 3), share(0, 0, 4), 0.005, false],
    ['wrong way', 'replace', share(0, 0, 3), share(0, 0, 0), -0.5, false],
    ['wrong way', 'raise', share(8, 8, 8), share(2, 2, 2), -0.5, false],
    ['harms others', 'replace', share(0, 8, 8), share(0, 2, 2), 0.9, true],
    // suppress and erase
    ['silenced', 'lower', share(0, 4, 4), share(0, 2, 2), 0.8, false],
    ['silenced in part', 'lower', share(0, 2, 4), share(0, 0, 2), 0.5, false],
    ['weakened', 'lower', share(0, 0, 4), share(0, 0, 2), 0.027, false],
    ['no effect', 'lower', share(0, 0, 4), share(0, 0, 2), 0.001, false],
    // amplify
    ['raised', 'raise', share(2, 8, 8), share(1, 2, 2), 0.2, false],
    ['raised in part', 'raise', share(2, 7, 8), share(1, 2, 2), 0.2, false],
    ['strengthened', 'raise', share(8, 8, 8), share(2, 2, 2), 0.02, false],
    ['no effect', 'raise', share(8, 8, 8), share(2, 2, 2), 0.001, false],
  ] as const)('%s: %s, %j, %j', (verdict, intent, target, heldOut, effect, harms) => {
    expect(verdictOf({ intent, target, heldOut }, effect, harms)).toBe(verdict);
    expect(VERDICTS[verdict]).toMatch(/\w/);
  });
});
