// How many nodes: the expectation behind `adaptive`, what it costs on a real model, and integrals in several batches.
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { type EncodedPrompt, questionsOf } from '../../src/lm/prompt.js';
import { firstSize, MOST, nextSize } from '../../src/locate/adaptive.js';
import { attribute, attributeAll } from '../../src/locate/attribution.js';
import type { AttributionSettings } from '../../src/locate/score-map.js';
import { loadMini } from '../support/models.js';

describe('the number of nodes', () => {
  it('to begin with falls with the share of the layer, and never below two', () => {
    expect([1, 0.1, 0.001, 0].map((share) => firstSize(share, 1e-3))).toEqual([3, 2, 2, 2]);
    expect(firstSize(1, 1e-6)).toBe(6);
  });

  it('to go on with is what a geometric decrease needs, more than before, and within bounds', () => {
    expect(nextSize(3, 0.2 ** 3, 0.2 ** 5)).toBe(5); // rho = 0.2
    expect(nextSize(4, 0.5 ** 4, 0.5 ** 9)).toBe(9); // rho = 0.5
    for (const residual of [0.0011, 0.5, 1, 30, Number.NaN]) {
      const next = nextSize(4, residual, 1e-3);
      expect(next).toBeGreaterThan(4);
      expect(next).toBeLessThanOrEqual(10);
    }
    expect(nextSize(60, 0.5, 1e-3)).toBe(MOST);
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
