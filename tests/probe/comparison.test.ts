// What location bought, on numbers made by hand.
import { describe, expect, it } from 'vitest';
import { compare, type Harm } from '../../src/probe/comparison.js';
import { positiveInterval, predictionInterval } from '../../src/probe/interval.js';

type Range = readonly [low: number, high: number];

const interval = ([low, high]: Range) => ({ mean: (low + high) / 2, low, high });
const ranges = (flips: Range, damage: Range, rise: Range) => ({
  flips: interval(flips),
  damage: interval(damage),
  perplexityRise: interval(rise),
});
const harmOf = (flips: number, damage: number, perplexityRise: number): Harm => {
  return { flips, damage, perplexityRise };
};

describe('an edit beside its controls', () => {
  const blunt = ranges([0.1, 0.2], [0.02, 0.06], [0.01, 0.05]);
  const idle = ranges([0, 0.01], [0, 0.002], [0, 0.001]);
  it.each([
    // what was gained, effect, its harm, the controls' effects and harms
    ['success', 0.8, harmOf(0.15, 0.03, 0.02), [0.2, 0.6], blunt], // does more, breaks as much
    ['success', 0.8, harmOf(0.3, 0.09, 0.3), [-0.01, 0.01], idle], // does more, breaks more: a closed formula
    ['specificity', 0.9, harmOf(0.02, 0.03, 0.001), [0.8, 1], blunt], // does as much, breaks less
    ['specificity', 0.9, harmOf(0.15, 0.03, 0.001), [0.8, 1], blunt], // less of one kind, no more of the others
    ['success, specificity', 0.9, harmOf(0.02, 0.01, 0.001), [0.1, 0.4], blunt],
    ['', 0.9, harmOf(0.02, 0.01, 0.09), [0.8, 1], blunt], // less of two kinds, more of the third
    ['', 0.9, harmOf(0.15, 0.03, 0.03), [0.8, 1], blunt], // does as much, breaks as much
    ['', 0.5, harmOf(0.02, 0.01, 0.001), [0.8, 1], blunt], // breaks less because it does less
    ['', 0.9, harmOf(0, 0, -0.02), [0.8, 1], idle], // a fall of perplexity is no gain
    ['', 0.005, harmOf(0, 0, 0), [-0.01, 0.001], blunt], // no effect to speak of
  ] as const)('gains "%s": effect %d, %j', (gained, effect, harm, effects, harms) => {
    const control = { effect: interval(effects), harm: harms };
    const { comparison, gains } = compare({ effect, harm, control });
    expect(gains.join(', ')).toBe(gained);
    expect(comparison).toBe(gained === '' ? 'no better than random' : 'better than random');
  });

  it('is compared in what was measured alone', () => {
    const none = { flips: null, damage: null, perplexityRise: null };
    const control = { effect: interval([0.8, 1]), harm: blunt };
    expect(compare({ effect: 0.9, harm: none, control }).gains).toEqual([]);
    expect(compare({ effect: 0.9, harm: { ...none, perplexityRise: 0.001 }, control }).gains).toEqual([
      'specificity',
    ]);
  });

  it('is compared with nothing where there is no control, or a single draw', () => {
    const nothing = { comparison: 'not compared', gains: [] };
    const harm = harmOf(0, 0, 0);
    expect(compare({ effect: 0.9, harm })).toEqual(nothing);
    const one = positiveInterval([0.1]);
    const control = {
      effect: predictionInterval([0.1]),
      harm: { flips: one, damage: one, perplexityRise: one },
    };
    expect(compare({ effect: 0.9, harm, control })).toEqual(nothing);
  });
});

describe('five draws', () => {
  const control = {
    effect: predictionInterval([0.95, 0.93, 0.96, 0.94, 0.92]),
    harm: {
      flips: positiveInterval([0.15, 0.18, 0.17, 0.16, 0.19], { least: 0.01, most: 1 }),
      damage: positiveInterval([0.03, 0.04, 0.05, 0.04, 0.03]),
      perplexityRise: positiveInterval([0.02, 0.03, 0.029, 0.035, 0.04], { least: 1e-4, most: Infinity }),
    },
  };

  it('of which none breaks as little tell specificity', () => {
    // The logarithms of the flips have the mean -1.776 and the deviation .093; t is 2.776: exp(-1.776 - 2.776 .093 sqrt(1.2)) = .128
    expect(control.harm.flips.low).toBeCloseTo(0.128, 3);
    expect(compare({ effect: 0.94, harm: harmOf(0.02, 0.04, 0.001), control }).gains).toEqual([
      'specificity',
    ]);
    expect(compare({ effect: 0.94, harm: harmOf(0.14, 0.04, 0.02), control }).gains).toEqual([]);
  });

  it('that break nothing leave nothing to be gained', () => {
    const harmless = positiveInterval([0, 0, 0, 0, 0], { least: 0.01, most: 1 });
    expect(harmless.low).toBe(0);
    const harm = { flips: harmless, damage: harmless, perplexityRise: harmless };
    expect(compare({ effect: 0.94, harm: harmOf(0, 0, 0), control: { ...control, harm } }).gains).toEqual([]);
  });
});
