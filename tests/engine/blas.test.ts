// Matrix products through the system's BLAS, where there is one. The reference values are in the suites of tests/lm, locate and surgery.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Blas } from '../../src/engine/backends/blas/blas.js';
import { loadFirst } from '../../src/engine/backends/blas/load.js';
import { attachBlas } from '../../src/engine/backends/wasm/products.js';
import { inspectEngines } from '../../src/engine/choice/inspect.js';
import { prepareEngine } from '../../src/engine/choice/prepare.js';

const missing = await loadFirst().then(
  () => '',
  (error: Error) => error.message,
);

describe.skipIf(missing !== '')(`wasm+blas${missing && ` (skipped: ${missing})`}`, () => {
  it('multiplies like the plain engine, through every leading dimension and transposition', async () => {
    const products = () =>
      tf.tidy(() => {
        const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
        return [
          tf.matMul(random([1, 1, 4, 6], 1), random([3, 2, 6, 5], 2)),
          tf.matMul(random([3, 2, 6, 4], 3), random([3, 2, 5, 6], 4), true, true),
          tf.matMul(random([200, 300], 5), random([300, 1], 6)),
          tf.fused.matMul({
            a: random([70, 90], 7) as tf.Tensor2D,
            b: random([80, 90], 8) as tf.Tensor2D,
            transposeB: true,
            bias: random([80], 9) as tf.Tensor1D,
            activation: 'relu',
          }),
        ].map((product) => ({ shape: product.shape, values: [...product.dataSync()] }));
      });
    await prepareEngine('wasm');
    const expected = products();
    const { detail } = await prepareEngine('wasm+blas');
    expect(detail).toContain('BLAS');
    const before = tf.memory().numTensors;
    const found = products();
    expect(tf.memory().numTensors).toBe(before);
    found.forEach(({ shape, values }, i) => {
      expect(shape).toEqual(expected[i]?.shape);
      values.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i]?.values[k] ?? Number.NaN, 3);
      });
    });
  });

  it('is chosen before plain wasm where nothing was measured, and told apart by its speed', async () => {
    expect((await prepareEngine('auto')).engine).not.toBe('wasm');
    const { engines } = await inspectEngines();
    for (const { engine, found, gflops } of engines) {
      if (found) expect(gflops, engine).toBeGreaterThan(0);
      else expect(gflops).toBeUndefined();
    }
  });
});

it('a BLAS that multiplies wrongly is refused, and the plain products stay', async () => {
  await prepareEngine('wasm');
  const wrong: Blas = { name: 'wrong', multiply: ({ c }) => c.fill(0.5) };
  expect(() => attachBlas(wrong)).toThrow('wrong: a small matrix product is off');
  const product = tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync());
  expect([...product]).toEqual([3, 3, 3, 3]);
});
