// What an engine does at once is what the small steps come to, forward and backward, and leaves nothing behind.
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { ACTIVATIONS, activations } from '../../src/lm/layers/activations.js';
import { dotProductAttention } from '../../src/lm/layers/dot-product.js';
import { FUSED } from '../../src/lm/layers/fused.js';
import { gated } from '../../src/lm/layers/gate.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import type { Norm } from '../../src/lm/layers/norm.js';
import { RmsNorm } from '../../src/lm/layers/rms-norm.js';
import { Rotary, type RotaryLayout } from '../../src/lm/layers/rotary.js';
import { gradientsIn, probabilitiesIn } from '../../src/locate/target.js';
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

const [BATCH, ASKING, ROWS, HEADS, DEPTH] = [2, 3, 6, 4, 21];

/** Attention of the last rows, of whose keys and values `count` get gradients. */
function attention(memoryHeads: number, count: number, hiddenOf?: number): tf.Tensor[] {
  const block = (seed: number, rows: number, heads: number) =>
    tf.randomNormal<tf.Rank.R3>([BATCH, rows, heads * DEPTH], 0, 1, 'float32', seed);
  const memory = { k: block(2, ROWS, memoryHeads), v: block(3, ROWS, memoryHeads) };
  const hidden =
    hiddenOf === undefined
      ? undefined
      : tf.where(
          tf.greater(tf.randomUniform<tf.Rank.R3>([hiddenOf, ASKING, ROWS], 0, 1, 'float32', 4), 0.7),
          Number.NEGATIVE_INFINITY,
          tf.zeros<tf.Rank.R3>([hiddenOf, ASKING, ROWS]),
        );
  const mixed = dotProductAttention(block(1, ASKING, HEADS), () => memory, {
    heads: HEADS,
    scale: DEPTH ** -0.5,
    hidden,
  });
  const { q, k, v } = mixed.back(block(5, ASKING, HEADS), count);
  return [mixed.y, q, k, v];
}

/** Rows of 2 heads, half of whose 6 dimensions and a bit turn. */
function turned(layout: RotaryLayout, positions: number[][]): tf.Tensor[] {
  const rotary = new Rotary(6, [1, 0.1], layout);
  const rows = (seed: number) => tf.randomNormal<tf.Rank.R2>([6, 12], 0, 1, 'float32', seed);
  const { y, back } = rotary.apply(rows(1), positions);
  const found = [y, back(rows(2))];
  rotary.dispose();
  return found;
}

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
  attention: () => attention(HEADS, ROWS),
  'attention with shared heads': () => attention(2, ROWS),
  'attention with hidden rows': () => attention(1, ROWS, 1),
  'attention with hidden rows, others in each sequence': () => attention(2, 4, BATCH),
  'attention, gradient of a row': () => attention(HEADS, 1),
  'rotary halves': () => turned('half', [[3, 1, 2]]),
  'rotary neighbours': () => turned('interleaved', [[3, 1, 2]]),
  'rotary rows, others in each sequence': () =>
    turned('half', [
      [3, 1, 2],
      [0, 1, 7],
    ]),
  'probability of the target': () => {
    const [logits, targets] = [random(3, 4), [0, 36, 5]];
    const { probs, gradients } = gradientsIn(logits, targets);
    return [probabilitiesIn(logits, targets), probs, gradients];
  },
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
