// How many nodes and where: the expectation behind `adaptive`, what it costs on a real model, and integrals in several
// batches.
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { type EncodedPrompt, questionsOf } from '../../src/lm/prompt.js';
import {
  cutOf,
  firstSize,
  type Interval,
  MOST,
  parts,
  unfinished,
  wholePath,
  withMoreNodes,
} from '../../src/locate/adaptive.js';
import { attribute, attributeAll } from '../../src/locate/attribution.js';
import type { AttributionSettings } from '../../src/locate/score-map.js';
import { loadMini } from '../support/models.js';

/** An attempt on the whole path, and one before it. */
function attempt(size: number, missing: number, before = { size: 0, residual: 1 }): Interval {
  return { ...wholePath(0, 1, size), missing, before, floor: 0 };
}

describe('the number of nodes', () => {
  it('to begin with falls with the share of the layer, and never below two', () => {
    expect([1, 0.1, 0.001, 0].map((share) => firstSize(share, 1e-3))).toEqual([3, 2, 2, 2]);
    expect(firstSize(1, 1e-6)).toBe(6);
  });

  it('to go on with is what a geometric decrease needs, more than before, and within bounds', () => {
    expect(withMoreNodes(attempt(3, 0.2 ** 3), 0.2 ** 5)?.size).toBe(5); // rho = 0.2
    expect(withMoreNodes(attempt(4, -(0.5 ** 4)), 0.5 ** 9)?.size).toBe(9); // rho = 0.5
    expect(withMoreNodes(attempt(4, 0.0011), 1e-3)?.size).toBe(5);
    expect(withMoreNodes(attempt(4, 0.15), 1e-3)?.size).toBe(10);
  });

  it.each([
    ['all that happens lies in a corner', attempt(3, 0.9)],
    ['the sum is larger than all that happens', attempt(3, 30)],
    ['nothing is known', attempt(3, Number.NaN)],
    ['the residual falls too slowly', attempt(9, 5e-3, { size: 7, residual: 6e-3 })],
    ['the path was cut', { ...attempt(5, 2e-3), to: 0.25 }],
  ])('does not grow where %s', (_, interval) => {
    expect(withMoreNodes(interval, 1e-3)).toBeUndefined();
  });
});

describe('a path in several intervals', () => {
  const interval = (missing: number, floor = 0): Interval => ({ ...attempt(5, missing), floor });

  it('is finished when what it lacks is within the tolerance, as a whole and in its intervals', () => {
    expect(unfinished([interval(6e-4), interval(-6e-4)], 1e-3, 100)).toEqual([]);
    expect(unfinished([interval(6e-4), interval(6e-4)], 1e-3, 100)).toHaveLength(2); // as a whole
    expect(unfinished([interval(9e-3), interval(-9e-3)], 1e-3, 100)).toHaveLength(2); // in its intervals
    expect(unfinished(Array<Interval>(16).fill(interval(2e-4)), 1e-3, 200)).toHaveLength(16); // each within its share
  });

  it('is improved where it lacks most, as far as single precision and the budget allow', () => {
    const [much, some, little] = [interval(0.1), interval(-0.06), interval(0.04)];
    expect(unfinished([little, much, some, interval(5e-4)], 1e-3, 100)).toEqual([much, some, little]);
    expect(unfinished([little, much, some], 1e-3, 12)).toEqual([much]);
    expect(unfinished([much, some], 1e-3, 11)).toEqual([]);
    expect(unfinished([interval(0.1, 0.2)], 1e-3, 100)).toEqual([]);
  });

  it('is cut toward zero, and elsewhere in the middle', () => {
    const whole = attempt(5, 0.5);
    expect(cutOf(whole)).toBe(0.25);
    const [lower, upper] = parts(whole, 0.25, 0.9);
    expect([lower.from, lower.to, lower.fromValue, lower.toValue]).toEqual([0, 0.25, 0, 0.9]);
    expect([upper.from, upper.to, upper.fromValue, upper.toValue]).toEqual([0.25, 1, 0.9, 1]);
    expect(cutOf({ ...whole, ...upper })).toBe(0.625);
  });
});

describe('on kn-mini', () => {
  let model: LanguageModel;
  let prompt: EncodedPrompt;
  let target: number;
  const base: AttributionSettings = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' };
  beforeAll(async () => {
    model = await loadMini();
    prompt = model.tokenizer.encodePrompt('The capital of Kazakhstan is [MASK].');
    target = model.tokenizer.encodeTarget('Almaty').ids[0] ?? 0;
  });

  it('every tolerance is met, with no more nodes than a fixed rule of twenty', () => {
    for (const tolerance of [1e-2, 1e-3, 1e-4]) {
      const { completeness } = attribute(model, prompt, target, { ...base, tolerance });
      for (const { residual, nodes } of completeness) {
        expect(residual).toBeLessThanOrEqual(tolerance);
        expect(nodes).toBeLessThan(20);
      }
    }
  });

  it('a tolerance beyond single precision ends all the same', () => {
    const { completeness } = attribute(model, prompt, target, { ...base, tolerance: 1e-12 });
    for (const { residual, nodes } of completeness) {
      expect(residual).toBeLessThan(1e-4);
      expect(nodes).toBeLessThanOrEqual(MOST);
    }
  });

  it.each(['post', 'pre'] as const)(
    'prompts that run together get the maps that each gets alone, site %s',
    (site) => {
      const questions = [
        { words: 'The capital of Kazakhstan is [MASK].', answer: 'Almaty' },
        { words: '[MASK] is the capital of Kazakhstan.', answer: 'Almaty' },
        { words: 'The capital of France is [MASK].', answer: 'Paris' },
      ].flatMap(({ words, answer }) =>
        questionsOf(model.tokenizer.encodePrompt(words), model.tokenizer.encodeTarget(answer)),
      );
      expect(questions).toHaveLength(3);
      const together = attributeAll(model, questions, { ...base, site });
      questions.forEach((one, q) => {
        const alone = attribute(model, one, one.target, { ...base, site });
        const found = together[q];
        expect(found?.prob).toBeCloseTo(alone.prob, 6);
        expect(found?.completeness.map(({ nodes }) => nodes)).toEqual(
          alone.completeness.map(({ nodes }) => nodes),
        );
        const largest = Math.max(...alone.scores.map(Math.abs));
        alone.scores.forEach((score, i) => {
          expect(Math.abs(score - (found?.scores[i] ?? Number.NaN))).toBeLessThan(1e-5 * largest);
        });
      });
    },
  );

  it('nodes that take several batches add up to the same integral', () => {
    const many = attribute(model, prompt, target, { ...base, rule: 'riemann-midpoint', steps: 400 });
    const few = attribute(model, prompt, target, { ...base, rule: 'gauss-legendre', steps: 20 });
    const largest = Math.max(...few.scores.map(Math.abs));
    many.scores.forEach((score, i) => {
      expect(Math.abs(score - (few.scores[i] ?? Number.NaN))).toBeLessThan(1e-4 * largest);
    });
  });
});
