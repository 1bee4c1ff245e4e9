// Matrix products through the system's BLAS, where there is one.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Blas } from '../../src/engine/blas.js';
import { findBlas } from '../../src/engine/blas.js';
import { inspectEngines, prepareEngine } from '../../src/engine/engine.js';
import { adoptBlas } from '../../src/engine/wasm-products.js';
import { attribute } from '../../src/locate/attribution.js';
import { FAMILIES, readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const missing = await findBlas().then(
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

  it.each(FAMILIES)('gives the reference maps of %s', async (family) => {
    const model = await loadGolden(family, 'wasm+blas');
    for (const { label, prompts } of readGolden(family).facts) {
      for (const { prompt, prob, attribution } of prompts.slice(0, 2)) {
        const settings = { rule: 'riemann-left', steps: 20, tolerance: 1e-3, site: 'post' } as const;
        const found = attribute(model, model.tokenizer.encodePrompt(prompt), label, settings);
        expect(found.prob).toBeCloseTo(prob, 6);
        const expected = attribution['riemann-left-20']?.scores.flat() ?? [];
        expect(relativeError(found.scores, expected)).toBeLessThan(1e-4);
      }
    }
    model.dispose();
  });

  it('is chosen before plain wasm, and told apart by its speed', async () => {
    expect((await prepareEngine('auto')).engine).not.toBe('wasm');
    const reports = await inspectEngines();
    for (const { engine, found, gflops } of reports) {
      if (found) expect(gflops, engine).toBeGreaterThan(0);
      else expect(gflops).toBeUndefined();
    }
  });
});

it('a BLAS that multiplies wrongly is refused, and the plain products stay', async () => {
  await prepareEngine('wasm');
  const wrong: Blas = { name: 'wrong', multiply: ({ c }) => c.fill(0.5) };
  expect(() => adoptBlas(wrong)).toThrow('wrong: a small matrix product is off');
  const product = tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync());
  expect([...product]).toEqual([3, 3, 3, 3]);
});
