// A change in the middle of a text, against a plain forward pass that computes every row of every block.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { type Marked, replayTail, traceTail } from '../../src/lm/tail.js';
import { close, plain } from '../support/plain.js';
import { type Kind, randomNetwork } from '../support/random-network.js';

const text = (ids: number[], position: number, row: number): Marked => ({ ids, position, row });

const BIDIRECTIONAL = [text([3, 7, 1, 9, 4], 1, 3), text([5, 2, 8, 1, 6], 3, 0)];
const CAUSAL = [text([3, 7, 1, 9, 4], 4, 2), text([5, 2, 8, 1, 6], 4, 2)];
const AT_THE_END = [text([3, 7, 1], 2, 2), text([5, 2, 8], 2, 2)];
const CASES: [Kind, Marked[]][] = [
  ['bidirectional', BIDIRECTIONAL],
  ['turned', BIDIRECTIONAL],
  ['relative', BIDIRECTIONAL],
  ...(['causal', 'windowed', 'grouped', 'parallel'] as const).flatMap((kind): [Kind, Marked[]][] => [
    [kind, CAUSAL],
    [kind, CAUSAL.slice(0, 1)],
    [kind, AT_THE_END],
    [kind, AT_THE_END.slice(0, 1)],
  ]),
];

beforeAll(() => prepareEngine('cpu')); // double-checked by differentiation, which the wasm backend cannot do for erf

describe.each(CASES)('%s', (kind, texts) => {
  it.each([0, 2, 3])('layer %i', (layer) => {
    const network = randomNetwork(kind);
    const before = tf.memory().numTensors;
    const from = traceTail(network, texts, layer);
    tf.tidy(() => {
      const moves = tf.randomNormal<tf.Rank.R2>([texts.length, 16], 0, 1, 'float32', 7);
      const weights = tf.randomNormal<tf.Rank.R2>([1, 30], 0, 1, 'float32', 5);
      const { y, back } = replayTail(network, from, moves);
      const gradient = back(tf.tile(weights, [texts.length, 1]));
      texts.forEach((one, b) => {
        const of = (t: tf.Tensor2D): tf.Tensor2D => tf.slice(t, [b, 0], [1, -1]);
        const u = of(
          tf.gather(
            from.u,
            tf.tensor1d(
              from.marked.map((row, i) => i * from.reached + row),
              'int32',
            ),
          ),
        );
        expect(close(of(from.logits).dataSync(), plain(network, one).dataSync()), 'unmoved').toBe(true);
        const moved = (move: tf.Tensor2D) => plain(network, one, layer, tf.add(u, move), one.row);
        expect(close(of(y).dataSync(), moved(of(moves)).dataSync()), 'moved').toBe(true);
        const slope = tf.grad((move) => tf.sum(tf.mul(moved(move as tf.Tensor2D), weights)));
        expect(close(of(gradient).dataSync(), slope(of(moves)).dataSync()), 'gradient').toBe(true);
      });
    });
    tf.dispose(from);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});

it('texts that cannot be run together are refused', () => {
  const network = randomNetwork('causal');
  expect(() => traceTail(network, [text([3, 7, 1], 2, 1), text([3, 7, 1], 2, 0)], 1)).toThrow('one row');
  expect(() => traceTail(network, [text([3, 7, 1], 2, 1), text([3, 7], 1, 1)], 1)).toThrow('one length');
  network.dispose();
});
