// What the suffix leaves out, against a plain forward pass that computes every row of every block.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import type { PreActivation } from '../../src/lm/block.js';
import type { Applied } from '../../src/lm/layers/applied.js';
import type { Sequence } from '../../src/lm/prompt.js';
import { type Network, suffixes, type Trace, trace } from '../../src/lm/transformer.js';
import { close, plain } from '../support/plain.js';
import { type Kind, randomNetwork } from '../support/random-network.js';

const prompt = (ids: number[], position: number): Sequence => ({
  ids,
  position,
});

const ONE = [prompt([3, 7, 1, 9, 4], 4)];
const SEVERAL = [prompt([3, 7, 1], 2), prompt([5, 5, 2], 2)];

const CASES: { name: string; kind: Kind; prompts: Sequence[] }[] = [
  { name: 'bidirectional', kind: 'bidirectional', prompts: [prompt([3, 7, 1, 9, 4], 1)] },
  {
    name: 'bidirectional, several prompts',
    kind: 'bidirectional',
    prompts: [prompt([3, 7, 1], 0), prompt([5, 5, 2], 2)],
  },
  { name: 'bidirectional, one token', kind: 'bidirectional', prompts: [prompt([3], 0)] },
  { name: 'turned', kind: 'turned', prompts: [prompt([3, 7, 1, 9, 4], 1)] },
  {
    name: 'turned, several prompts',
    kind: 'turned',
    prompts: [prompt([3, 7, 1, 4], 0), prompt([5, 5, 2, 8], 2), prompt([5, 1, 2, 8], 0)],
  },
  { name: 'relative', kind: 'relative', prompts: [prompt([3, 7, 1, 9, 4], 1)] },
  {
    name: 'relative, several prompts',
    kind: 'relative',
    prompts: [prompt([3, 7, 1, 4], 0), prompt([5, 5, 2, 8], 2), prompt([5, 1, 2, 8], 0)],
  },
  { name: 'relative, one token', kind: 'relative', prompts: [prompt([3], 0)] },
  { name: 'grouped', kind: 'grouped', prompts: ONE },
  { name: 'grouped, several prompts', kind: 'grouped', prompts: SEVERAL },
  { name: 'parallel', kind: 'parallel', prompts: ONE },
  { name: 'parallel, several prompts', kind: 'parallel', prompts: SEVERAL },
  { name: 'parallel, one token', kind: 'parallel', prompts: [prompt([3], 0)] },
  { name: 'causal', kind: 'causal', prompts: ONE },
  { name: 'causal, several prompts', kind: 'causal', prompts: SEVERAL },
  { name: 'causal, one token', kind: 'causal', prompts: [prompt([3], 0)] },
  { name: 'windowed', kind: 'windowed', prompts: ONE },
  { name: "windowed, several prompts of the window's length", kind: 'windowed', prompts: SEVERAL },
];

describe.each(CASES)('$name', ({ kind, prompts }) => {
  let network: Network;
  let once: Trace;
  beforeAll(async () => {
    await prepareEngine('cpu'); // double-checked by differentiation, which the wasm backend cannot do for erf
    network = randomNetwork(kind);
    once = trace(network, prompts);
  });
  afterAll(() => {
    tf.dispose(once);
    network.dispose();
  });

  it('the trace gives the logits', () => {
    prompts.forEach((one, b) => {
      const expected = tf.tidy(() => plain(network, one).dataSync());
      expect(
        close(
          tf.tidy(() => tf.slice(once.logits, [b, 0], [1, -1]).dataSync()),
          expected,
        ),
      ).toBe(true);
    });
  });

  it('versions from several layers at once give logits and gradients', () => {
    const versions = 2;
    const layers = [0, 1, 3];
    const count = versions * prompts.length;
    tf.tidy(() => {
      const starts = layers.map((layer) => ({
        layer,
        u: tf.randomNormal([count, 16], 0, 1, 'float32', 7 + layer) as tf.Tensor2D,
        prompts: Array.from({ length: count }, (_, row) => (row + layer) % prompts.length),
      }));
      const weights = tf.randomNormal([1, 30], 0, 1, 'float32', 5) as tf.Tensor2D;
      const found = suffixes(network, once, starts);
      const head = network.head(found.y);
      const gradients = found.back(head.back(tf.tile(weights, [found.y.shape[0], 1])));
      expect(gradients).toHaveLength(layers.length);
      starts.forEach(({ layer, u, prompts: order }, s) => {
        for (let row = 0; row < count; row++) {
          const one = prompts[order[row] ?? 0] as Sequence;
          const changed = tf.slice(u, [row, 0], [1, -1]);
          const expected = plain(network, one, layer, changed).dataSync();
          const logits = tf.slice(head.y, [s * count + row, 0], [1, -1]).dataSync();
          expect(close(logits, expected), `logits, layer ${layer}, row ${row}`).toBe(true);
          const slope = tf.grad((v) => tf.sum(tf.mul(plain(network, one, layer, v as tf.Tensor2D), weights)));
          const own = tf.slice(gradients[s] as tf.Tensor2D, [row, 0], [1, -1]).dataSync();
          expect(close(own, slope(changed).dataSync()), `gradient, layer ${layer}, row ${row}`).toBe(true);
        }
      });
    });
  });
});

it.each(['causal', 'windowed', 'grouped', 'parallel'] as const)(
  'a %s network runs one row of each version again',
  (kind) => {
    const network = randomNetwork(kind);
    const once = trace(network, SEVERAL);
    const rows: number[][] = [];
    const blocks = network.blocks.map((block) =>
      Object.create(block, {
        attentionInput: { value: (x: tf.Tensor2D) => record(block.attentionInput(x)) },
        preActivation: { value: (x: tf.Tensor2D) => recordInputs(block.preActivation(x)) },
      }),
    );
    const record = (step: Applied) => {
      rows.at(-1)?.push(step.y.shape[0]);
      return step;
    };
    const recordInputs = (step: PreActivation) => {
      rows.at(-1)?.push(step.inputs.z.shape[0]);
      return step;
    };
    for (const layers of [[0], [1], [0, 2]]) {
      rows.push([]);
      const starts = layers.map((layer) => ({ layer, u: tf.ones([6, 16]) as tf.Tensor2D }));
      tf.tidy(() => suffixes({ ...network, blocks }, once, starts).y);
    }
    // Attention and FFN of each block above the lowest start.
    expect(rows).toEqual([
      [6, 6, 6, 6, 6, 6],
      [6, 6, 6, 6],
      [6, 6, 6, 6, 12, 12],
    ]);
    tf.dispose(once);
    network.dispose();
  },
);

it('a causal network is asked at its last token', () => {
  const network = randomNetwork('causal');
  expect(() => trace(network, [prompt([3, 7, 1], 1)])).toThrow('last token');
  network.dispose();
});
