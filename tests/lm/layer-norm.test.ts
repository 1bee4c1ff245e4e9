// Layer normalisation against its definition in double precision, and its gradient against central differences of that.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/engine.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import { seeded } from '../../src/random.js';
import { describeOnEngines } from '../support/engines.js';

const EPSILON = 1e-5;
const ROWS = 3;

/** gamma (x - mean) / sqrt(variance + epsilon) + beta */
function defined(x: readonly number[], gamma: readonly number[], beta: readonly number[]): number[] {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  return x.map((value, i) => (gamma[i] ?? 0) * (value - mean) * scale + (beta[i] ?? 0));
}

await describeOnEngines(['layer norm'], ['cpu', 'wasm', 'tensorflow'], (_, engine) => {
  beforeAll(() => prepareEngine(engine));

  it.each([1, 2, 3, 4, 5, 7, 8, 18, 129])('width %i', (width) => {
    const random = seeded(width);
    const numbers = (count: number) => Array.from({ length: count }, () => Math.fround(4 * random() - 1)); // off centre
    const [gamma, beta] = [numbers(width), numbers(width)];
    const rows = Array.from({ length: ROWS }, () => numbers(width));
    const dy = Array.from({ length: ROWS }, () => numbers(width));
    const before = tf.memory().numTensors;
    const norm = new LayerNorm(tf.tensor1d(gamma), tf.tensor1d(beta), EPSILON);
    const [y, dx] = tf.tidy(() => {
      const found = norm.apply(tf.tensor2d(rows));
      return [found.y.arraySync(), found.back(tf.tensor2d(dy)).arraySync()];
    });
    norm.dispose();
    expect(tf.memory().numTensors).toBe(before);

    rows.forEach((x, row) => {
      const scale = width === 1 ? 1 : 10; // of what is compared
      defined(x, gamma, beta).forEach((value, i) => {
        expect(Math.abs((y[row]?.[i] ?? Number.NaN) - value)).toBeLessThan(1e-6 * scale);
      });
      const along = (values: readonly number[]) =>
        defined(values, gamma, beta).reduce((sum, value, i) => sum + value * (dy[row]?.[i] ?? 0), 0);
      x.forEach((value, i) => {
        const step = 1e-5;
        const slope = (along(x.with(i, value + step)) - along(x.with(i, value - step))) / (2 * step);
        expect(Math.abs((dx[row]?.[i] ?? Number.NaN) - slope)).toBeLessThan(
          2e-5 * Math.max(1, Math.abs(slope)),
        );
      });
    });
  });
});
