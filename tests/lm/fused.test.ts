// What an engine does at once is what the small steps come to, forward and backward, and leaves nothing behind.
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { ACTIVATIONS, activations } from '../../src/lm/layers/activations.js';
import { FUSED } from '../../src/lm/layers/fused.js';
import { gated } from '../../src/lm/layers/gate.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import type { Norm } from '../../src/lm/layers/norm.js';
import { RmsNorm } from '../../src/lm/layers/rms-norm.js';
import { describeOnEngines } from '../support/engines.js';

const SHAPE: [number, number] = [3, 37];
const random = (seed: number, deviation: number) =>
  tf.randomNormal<tf.Rank.R2>(SHAPE, 0.5, deviation, 'float32', seed);
const row = (seed: number) => tf.randomNormal<tf.Rank.R1>([SHAPE[1]], 0.5, 1, 'float32', seed);

const norms: Record<string, () => Norm> = {
  'layer norm': () => new LayerNorm(row(1), row(2), 1e-5),
  'layer norm without a bias': () => new LayerNorm(row(1), undefined, 1e-5),
  'RMS norm': () => new RmsNorm(row(1), { epsilon: 1e-6 }),
  "Gemma's RMS norm": () => new RmsNorm(row(1), { epsilon: 1e-6, offset: 1 }),
};

/** By name: value and gradients. */
const STEPS: Record<string, () => tf.Tensor[]> = {
  ...Object.fromEntries(
    ACTIVATIONS.flatMap((name): [string, () => tf.Tensor[]][] => [
      [
        name,
        () => {
          const { y, back } = activations[name](random(3, 4));
          return [y, back(random(4, 1))];
        },
      ],
      [
        `gate of ${name}`,
        () => {
          const { y, back } = gated(activations[name])(random(3, 4), random(5, 1));
          const { z, up } = back(random(4, 1));
          return [y, z, up];
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(norms).map(([name, make]) => [
      name,
      () => {
        const norm = make();
        const { y, back } = norm.apply(random(3, 4));
        return [y, back(random(4, 1))];
      },
    ]),
  ),
};

await describeOnEngines(['fused steps'], ['wasm'], () => {
  let kernels: (tf.KernelConfig | undefined)[] = [];
  beforeAll(async () => {
    await prepareEngine('wasm');
    kernels = Object.values(FUSED).map((name) => tf.getKernel(name, 'wasm'));
  });
  afterEach(() => {
    for (const kernel of kernels) {
      if (kernel && !tf.getKernel(kernel.kernelName, 'wasm')) tf.registerKernel(kernel);
    }
  });

  it.each(Object.keys(STEPS))('%s', (name) => {
    const before = tf.memory().numTensors;
    const run = () => tf.tidy(() => STEPS[name]?.().map((tensor) => tensor.dataSync()) ?? []);
    const atOnce = run();
    for (const kernel of kernels) tf.unregisterKernel(kernel?.kernelName ?? '', 'wasm');
    const inSteps = run();
    expect(tf.memory().numTensors).toBe(before);
    expect(atOnce.length).toBeGreaterThan(1);
    atOnce.forEach((values, i) => {
      values.forEach((value, j) => {
        const other = inSteps[i]?.[j] ?? Number.NaN;
        expect(Math.abs(value - other)).toBeLessThan(3e-6 * Math.max(1, Math.abs(other)));
      });
    });
  });
});
