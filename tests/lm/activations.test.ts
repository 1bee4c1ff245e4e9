// The non-linearities and their slopes against values to forty digits (mpmath), in one step and in many.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { ACTIVATIONS, type ActivationName, activations } from '../../src/lm/layers/activations.js';
import { FUSED } from '../../src/lm/layers/fused.js';
import { gated } from '../../src/lm/layers/gate.js';
import { describeOnEngines } from '../support/engines.js';

/** x; x Phi(x) and its slope; x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) and its slope. */
const VALUES = [
  [-80, 0, 0, 0, 0],
  [-9, -1.0157295653584566e-18, -9.138937373906639e-18, -1.3364595947346586e-28, -2.515735285067425e-27],
  [-6, -5.9195258702261885e-9, -3.5468709453902015e-8, -8.439646700762297e-11, -7.709973930953696e-10],
  [-3.5, -0.0008142017766243376, -0.002821760353624635, -0.0006161976553736633, -0.002422643760116431],
  [-2, -0.04550026389635842, -0.0852318010781969, -0.04540230591222498, -0.08609925662361838],
  [-1, -0.15865525393145705, -0.0833154705876863, -0.1588080093917233, -0.08296408384578255],
  [-0.25, -0.10032341857926907, 0.30462664511636395, -0.100324649298315, 0.30464590484893955],
  [-0.001, -0.000499601057786089, 0.4992021157051586, -0.000499601057786418, 0.499202115706475],
  [0, 0, 0.5, 0, 0.5],
  [0.1, 0.0539827837277029, 0.5795230920247302, 0.053982751045435165, 0.5795217892717567],
  [0.7, 0.5306254434438489, 0.9766141011336599, 0.5305701347051167, 0.9763572186561039],
  [1.5, 1.399789198096713, 1.1274691922299795, 1.3995715769802328, 1.1277107931514332],
  [3, 2.99595030590511, 1.011945647204184, 2.996362607918227, 1.0115841666309697],
  [5, 4.999998566742141, 1.000007146946002, 4.999999770820381, 1.0000015463619876],
  [20, 20, 1, 20, 1],
] as const;

/** x, f(x), f'(x) */
type Point = readonly [x: number, value: number, slope: number];

const GELU: Point[] = VALUES.map(([x, value, slope]) => [x, value, slope]);
const GELU_NEW: Point[] = VALUES.map(([x, _value, _slope, value, slope]) => [x, value, slope]);
const WIDE = [
  -1e30, -1e4, -200, -100, -88, -80, -20, -5, -1.5, -1, -0.25, -1e-3, 0, 1e-3, 0.1, 0.7, 1.2784645, 2, 7, 16,
  40, 88, 90, 300, 1e5, 1e30,
].map(Math.fround);
const SILU = WIDE.map((x): Point => {
  const [s, rest] = [1 / (1 + Math.exp(-x)), 1 / (1 + Math.exp(x))];
  return [x, x * s, s + (rest === 0 ? 0 : x * s * rest)];
});
const RELU = WIDE.map((x): Point => [x, Math.max(x, 0), x > 0 ? 1 : 0]);

const POINTS: Record<ActivationName, readonly Point[]> = {
  gelu: GELU,
  gelu_new: GELU_NEW,
  gelu_pytorch_tanh: GELU_NEW,
  gelu_fast: GELU_NEW,
  silu: SILU,
  swish: SILU,
  relu: RELU,
};

/** To single precision. */
function expectNear(found: number | undefined, expected: number, tolerance: number): void {
  expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThan(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}

await describeOnEngines(['activations'], ['cpu', 'wasm', 'tensorflow', 'webgpu'], (_, engine) => {
  beforeAll(() => prepareEngine(engine));

  it(engine === 'wasm' ? 'are one step' : 'are many steps', () => {
    expect(tf.getKernel(FUSED.activate, tf.getBackend()) !== undefined).toBe(engine === 'wasm');
  });

  it.each(ACTIVATIONS)('%s and its slope, to single precision', (name) => {
    const points = POINTS[name];
    // Of every length from 1, so that whatever is done several numbers at a time has a rest of every size.
    for (let count = 1; count <= points.length; count++) {
      const some = points.slice(0, count);
      const before = tf.memory().numTensors;
      const [y, dx] = tf.tidy(() => {
        const x = tf.tensor2d([some.map(([at]) => at)]);
        const found = activations[name](x);
        return [found.y.dataSync(), found.back(tf.onesLike(x)).dataSync()];
      });
      expect(tf.memory().numTensors).toBe(before);
      some.forEach(([, value, slope], i) => {
        expectNear(y[i], value, 3e-7);
        expectNear(dx[i], slope, 6e-7);
      });
    }
  });

  it.each(ACTIVATIONS)('%s as a gate: both factors have their gradient', (name) => {
    const points = POINTS[name];
    const up = points.map((_, i) => 0.5 - (i % 5));
    const dy = points.map((_, i) => (i % 3) - 1.5);
    for (const count of [1, 2, 3, 4, 5, points.length]) {
      const row = (values: readonly number[]) => tf.tensor2d([values.slice(0, count)]);
      const before = tf.memory().numTensors;
      const [y, dz, dup] = tf.tidy(() => {
        const found = gated(activations[name])(row(points.map(([x]) => x)), row(up));
        const back = found.back(row(dy));
        return [found.y.dataSync(), back.z.dataSync(), back.up.dataSync()];
      });
      expect(tf.memory().numTensors).toBe(before);
      points.slice(0, count).forEach(([, value, slope], i) => {
        const [factor, d] = [up[i] ?? 0, dy[i] ?? 0];
        expectNear(y[i], value * factor, 2e-6);
        expectNear(dz[i], d * factor * slope, 4e-6);
        expectNear(dup[i], d * value, 1e-6);
      });
    }
  });

  it.each(ACTIVATIONS)('%s keeps what is not a number', (name) => {
    const [y, product] = tf.tidy(() => {
      const x = tf.tensor2d([[Number.NaN, 1, 2, 3, Number.NaN]]);
      return [activations[name](x).y.dataSync(), gated(activations[name])(x, tf.onesLike(x)).y.dataSync()];
    });
    for (const found of [y, product]) {
      expect([...found].map(Number.isNaN)).toEqual([true, false, false, false, true]);
    }
  });

  it.each(ACTIVATIONS)('%s: the gradient is multiplied by the slope', (name) => {
    const [once, thrice] = tf.tidy(() => {
      const { back } = activations[name](tf.tensor2d([[-1, 0.5, 2, -3, 0.1]]));
      return [back(tf.ones([1, 5])).dataSync(), back(tf.tensor2d([[3, -3, 3, -3, 3]])).dataSync()];
    });
    once.forEach((slope, i) => {
      expect(thrice[i]).toBeCloseTo(slope * (i % 2 === 0 ? 3 : -3), 6);
    });
  });
});
