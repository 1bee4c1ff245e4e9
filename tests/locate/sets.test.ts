// Thresholds and sharing, on small cases worked out by hand.
import { describe, expect, it } from 'vitest';
import { coarseNeurons, percentile, type Threshold } from '../../src/locate/coarse.js';
import { commonNeurons, consistencyOf, genericNeurons, meanMap, refine } from '../../src/locate/refined.js';

const scores = new Float32Array([0.5, -1, 0.25, 1, 0.125, 0.5]); // [2, 3]
const coarse = (threshold: Threshold) => coarseNeurons(scores, 3, threshold).neurons;

describe('coarse neurons', () => {
  it('ratio: a share of the largest score, reached or exceeded', () => {
    expect(coarse({ mode: 'ratio', value: 0.5, strict: false })).toEqual([
      [0, 0],
      [1, 0],
      [1, 2],
    ]);
    expect(coarse({ mode: 'ratio', value: 0.5, strict: true })).toEqual([[1, 0]]);
  });

  it('ratio: none where no score is positive', () => {
    const none = coarseNeurons(new Float32Array([-1, 0, -2]), 3, {
      mode: 'ratio',
      value: 0.2,
      strict: false,
    });
    expect(none).toEqual({ threshold: Number.POSITIVE_INFINITY, neurons: [] });
  });

  it('absolute', () => {
    expect(coarse({ mode: 'absolute', value: 0.5, strict: false })).toHaveLength(3);
    expect(coarse({ mode: 'absolute', value: 0.5, strict: true })).toHaveLength(1);
  });

  it('percentile: interpolated, strictly above', () => {
    // sorted: -1 .125 .25 .5 .5 1; place 0.5 * 5 = 2.5
    expect(percentile(scores, 50)).toBeCloseTo(0.375, 7);
    expect(percentile(scores, 100)).toBe(1);
    expect(coarse({ mode: 'percentile', value: 50, strict: false })).toHaveLength(3);
    expect(coarse({ mode: 'percentile', value: 100, strict: false })).toEqual([]);
  });

  it('top-k: the first among equals', () => {
    expect(coarse({ mode: 'top-k', value: 2, strict: false })).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(coarse({ mode: 'top-k', value: 99, strict: false })).toHaveLength(6);
  });
});

describe('refined neurons', () => {
  const a = [0, 0] as const;
  const b = [0, 1] as const;
  const c = [1, 2] as const;
  const sets = [[a, b], [a, b, c], [a], [a, c]];
  const mean = new Float32Array([4, 3, 0, 0, 0, 5]);
  const keys = (found: ReturnType<typeof refine>) =>
    found.neurons.map(({ layer, neuron }) => `${layer}:${neuron}`);

  it('keeps what enough prompts share, strongest mean score first', () => {
    const found = refine(sets, mean, 3, { share: 0.5, minPrompts: 1, strict: false });
    expect(found.neurons).toEqual([
      { layer: 1, neuron: 2, share: 0.5, meanScore: 5 },
      { layer: 0, neuron: 0, share: 1, meanScore: 4 },
      { layer: 0, neuron: 1, share: 0.5, meanScore: 3 },
    ]);
    expect(keys(refine(sets, mean, 3, { share: 0.5, minPrompts: 1, strict: true }))).toEqual(['0:0']);
    expect(keys(refine(sets, mean, 3, { share: 0.5, minPrompts: 3, strict: false }))).toEqual(['0:0']);
  });

  it('reaches a share that rounding would miss', () => {
    const ten = Array.from({ length: 10 }, (_, i) => (i < 7 ? [a] : []));
    expect(keys(refine(ten, mean, 3, { share: 0.7, minPrompts: 1, strict: false }))).toEqual(['0:0']);
  });

  it('leaves out what is excluded', () => {
    const found = refine(
      sets,
      mean,
      3,
      { share: 0.5, minPrompts: 1, strict: false },
      new Set(['0:0', '1:2']),
    );
    expect(keys(found)).toEqual(['0:1']);
  });

  it('moves the share until the wanted number is met, at most six steps of 0.05', () => {
    const more = refine(sets, mean, 3, { share: 0.7, minPrompts: 1, strict: false, wanted: [3, 3] });
    expect(more.share).toBeCloseTo(0.5, 12);
    expect(more.neurons).toHaveLength(3);
    const fewer = refine(sets, mean, 3, { share: 0.4, minPrompts: 1, strict: false, wanted: [1, 1] });
    expect(fewer.share).toBeCloseTo(0.55, 12);
    expect(keys(fewer)).toEqual(['0:0']);
    const never = refine(sets, mean, 3, { share: 0.9, minPrompts: 1, strict: false, wanted: [2, 2] });
    expect(never.share).toBeCloseTo(0.6, 12);
  });

  it('means maps', () => {
    expect([...meanMap([new Float32Array([1, 2]), new Float32Array([3, -2])])]).toEqual([2, 0]);
  });
});

it('consistency: pairwise overlap, and the share at which a neuron remains', () => {
  const sets = [
    [
      [0, 0],
      [0, 1],
    ],
    [[0, 0]],
    [
      [0, 0],
      [1, 1],
      [1, 2],
    ],
  ] as [number, number][][];
  // pairs: 1/2, 1/4, 1/3
  expect(consistencyOf(sets).jaccard).toBeCloseTo((1 / 2 + 1 / 4 + 1 / 3) / 3, 12);
  expect(consistencyOf(sets).shareNeeded).toBe(1);
  expect(consistencyOf([[[0, 0]], [[0, 1]]])).toEqual({ jaccard: 0, shareNeeded: 0.5 });
  expect(consistencyOf([[], []])).toEqual({ jaccard: 0, shareNeeded: 0 });
});

it('generic neurons are refined for more than a share of the background facts', () => {
  const neuron = (index: number) => ({ layer: 0, neuron: index, share: 1, meanScore: 1 });
  const refined = [[neuron(1), neuron(2)], [neuron(1)], [neuron(1), neuron(3)], [neuron(2)]];
  expect(genericNeurons(refined, 0.5)).toEqual([{ layer: 0, neuron: 1, share: 0.75 }]);
  expect(genericNeurons(refined, 0.25).map(({ neuron: index }) => index)).toEqual([1, 2]);
  expect(genericNeurons(refined, 1)).toEqual([]);
});

it('the commonest neurons: by how many facts share them, then by their score there, then by their place', () => {
  const neuron = (layer: number, index: number, meanScore: number) => {
    return { layer, neuron: index, share: 1, meanScore };
  };
  const refined = [
    [neuron(0, 1, 1), neuron(1, 5, 8), neuron(0, 9, 2)],
    [neuron(0, 1, 2), neuron(1, 5, 2), neuron(0, 3, 2)],
    [neuron(0, 1, 3)],
    [],
  ];
  expect(commonNeurons(refined)).toEqual([
    { layer: 0, neuron: 1, share: 0.75, meanScore: 2 },
    { layer: 1, neuron: 5, share: 0.5, meanScore: 5 },
    { layer: 0, neuron: 3, share: 0.25, meanScore: 2 },
    { layer: 0, neuron: 9, share: 0.25, meanScore: 2 },
  ]);
  expect(commonNeurons([[], []])).toEqual([]);
});
