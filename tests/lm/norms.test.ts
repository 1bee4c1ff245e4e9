// Norms against their definitions in double precision, and their gradients against central differences of those.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import type { Norm } from '../../src/lm/layers/norm.js';
import { RmsNorm } from '../../src/lm/layers/rms-norm.js';
import { seeded } from '../../src/random.js';
import { describeOnEngines } from '../support/engines.js';

const EPSILON = 1e-5;
const ROWS = 3;
const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 18, 129];

type Row = readonly number[];
type Definition = (x: Row) => number[];

const mean = (x: Row) => x.reduce((sum, value) => sum + value, 0) / x.length;
const centre = (x: Row) => {
  const middle = mean(x);
  return x.map((value) => value - middle);
};
const rms = (x: Row) => Math.sqrt(mean(x.map((value) => value ** 2)) + EPSILON);
const normalised = (x: Row, gain: Row, size = rms(x)) => x.map((value, i) => ((gain[i] ?? 0) * value) / size);

interface Case {
  make(weight: tf.Tensor1D, bias: tf.Tensor1D): Norm;
  define(weight: Row, bias: Row): Definition;
  /** Of a row of unit size. */
  gain(weight: Row): Row;
  /** What it keeps. */
  weights: number;
}

const CASES: Record<string, Case> = {
  'layer norm': {
    make: (weight, bias) => new LayerNorm(weight, bias, EPSILON),
    define: (weight, bias) => (x) => normalised(centre(x), weight).map((value, i) => value + (bias[i] ?? 0)),
    gain: (weight) => weight,
    weights: 2,
  },
  'layer norm without a bias': {
    make: (weight, bias) => {
      bias.dispose();
      return new LayerNorm(weight, undefined, EPSILON);
    },
    define: (weight) => (x) => normalised(centre(x), weight),
    gain: (weight) => weight,
    weights: 1,
  },
  'RMS norm': {
    make: (weight, bias) => {
      bias.dispose();
      return new RmsNorm(weight, { epsilon: EPSILON });
    },
    define: (weight) => (x) => normalised(x, weight),
    gain: (weight) => weight,
    weights: 1,
  },
  "Gemma's RMS norm": {
    make: (weight, bias) => {
      bias.dispose();
      return new RmsNorm(weight, { epsilon: EPSILON, offset: 1 });
    },
    define: (weight) => (x) =>
      normalised(
        x,
        weight.map((value) => 1 + value),
      ),
    gain: (weight) => weight.map((value) => 1 + value),
    weights: 1,
  },
};

/** Compares a gradient [W] with the central differences of `sum_i dy_i f(x)_i`. */
function expectGradient(dx: Row | undefined, x: Row, dy: Row | undefined, define: Definition): void {
  const along = (values: Row) => define(values).reduce((sum, value, i) => sum + value * (dy?.[i] ?? 0), 0);
  x.forEach((value, i) => {
    const step = 1e-5;
    const slope = (along(x.with(i, value + step)) - along(x.with(i, value - step))) / (2 * step);
    expect(Math.abs((dx?.[i] ?? Number.NaN) - slope)).toBeLessThan(2e-5 * Math.max(1, Math.abs(slope)));
  });
}

function numbersOf(seed: number): (count: number) => number[] {
  const random = seeded(seed);
  return (count) => Array.from({ length: count }, () => Math.fround(4 * random() - 1)); // off centre
}

await describeOnEngines(Object.keys(CASES), ['cpu', 'wasm', 'tensorflow', 'webgpu'], (name, engine) => {
  const { make, define, gain, weights } = CASES[name] as Case;
  beforeAll(() => prepareEngine(engine));

  it.each(WIDTHS)('width %i', (width) => {
    const numbers = numbersOf(width);
    const [weight, bias] = [numbers(width), numbers(width)];
    const rows = Array.from({ length: ROWS }, () => numbers(width));
    const dy = Array.from({ length: ROWS }, () => numbers(width));
    const before = tf.memory().numTensors;
    const norm = make(tf.tensor1d(weight), tf.tensor1d(bias));
    const [y, dx, g] = tf.tidy(() => {
      const found = norm.apply(tf.tensor2d(rows));
      return [found.y.arraySync(), found.back(tf.tensor2d(dy)).arraySync(), norm.gain.arraySync()];
    });
    norm.dispose();
    expect(tf.memory().numTensors).toBe(before);

    const defined = define(weight, bias);
    gain(weight).forEach((value, i) => {
      expect(g[i]).toBeCloseTo(value, 6);
    });
    rows.forEach((x, row) => {
      const scale = width === 1 ? 1 : 10; // of what is compared
      defined(x).forEach((value, i) => {
        expect(Math.abs((y[row]?.[i] ?? Number.NaN) - value)).toBeLessThan(1e-6 * scale);
      });
      expectGradient(dx[row], x, dy[row], defined);
    });
  });

  it('uses a weight that is put in its place', () => {
    const norm = make(tf.tensor1d([1, 2, 3, 4, 5]), tf.tensor1d([0, 0, 0, 0, 0]));
    const own = norm.weights();
    expect(own.map(({ held }) => held.shape)).toEqual(Array.from({ length: weights }, () => [5]));
    own[0]?.exchange(tf.tensor1d([5, 4, 3, 2, 1])).dispose();
    const y = tf.tidy(() => norm.apply(tf.tensor2d([[1, 2, -3, 4, 5]])).y.arraySync()[0] ?? []);
    norm.dispose();
    define(
      [5, 4, 3, 2, 1],
      [0, 0, 0, 0, 0],
    )([1, 2, -3, 4, 5]).forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 5);
    });
  });
});

await describeOnEngines(
  ['an RMS norm held in place'],
  ['cpu', 'wasm', 'tensorflow', 'webgpu'],
  (_, engine) => {
    beforeAll(() => prepareEngine(engine));

    it.each([0, 1] as const)('is linear, with the root mean square of another place, offset %i', (offset) => {
      const numbers = numbersOf(7);
      const weight = numbers(6);
      const [u, at, dy] = [numbers(6), numbers(6), numbers(6)];
      const before = tf.memory().numTensors;
      const norm = new RmsNorm(tf.tensor1d(weight), { epsilon: EPSILON, offset });
      const [y, du, atItself, one] = tf.tidy(() => {
        const there = tf.tensor2d([at, at]);
        const held = norm.applyHeld(tf.tensor2d([u, at]), there);
        return [
          held.y.arraySync(),
          held.back(tf.tensor2d([dy, dy])).arraySync(),
          norm.apply(there).y.arraySync(),
          norm.applyHeld(tf.tensor2d([u, at]), tf.tensor2d([at])).y.arraySync(),
        ];
      });
      norm.dispose();
      expect(tf.memory().numTensors).toBe(before);

      const size = rms(at);
      const gain = weight.map((value) => value + offset);
      const defined: Definition = (x) => normalised(x, gain, size);
      defined(u).forEach((value, i) => {
        expect(y[0]?.[i]).toBeCloseTo(value, 5);
        expect(one[0]?.[i]).toBeCloseTo(value, 5);
        expect(y[1]?.[i]).toBeCloseTo(atItself[0]?.[i] ?? Number.NaN, 6);
      });
      for (const row of du) expectGradient(row, u, dy, defined);
    });
  },
);
