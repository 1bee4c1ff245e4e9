// Small networks with random weights: bidirectional with layer norm after the sum, or causal with layer norm before.
import * as tf from '@tensorflow/tfjs-core';
import { activations } from '../../src/lm/layers/activations.js';
import { Attention, type AttentionOptions } from '../../src/lm/layers/attention.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import { Linear } from '../../src/lm/layers/linear.js';
import { PostNormBlock } from '../../src/lm/layers/post-norm-block.js';
import { PreNormBlock } from '../../src/lm/layers/pre-norm-block.js';
import { Table } from '../../src/lm/layers/table.js';
import type { Network } from '../../src/lm/transformer.js';

const [LAYERS, HIDDEN, NEURONS, HEADS, VOCABULARY, POSITIONS] = [4, 16, 24, 4, 30, 12];

/** Attention of each layer, in turns. Several kinds: GPT-Neo's global and local attention. */
const KINDS = {
  bidirectional: [{}],
  causal: [{ causal: true }],
  windowed: [
    { causal: true, scale: 1 },
    { causal: true, scale: 1, window: 3 },
  ],
} satisfies Record<string, AttentionOptions[]>;

export type Kind = keyof typeof KINDS;

export function randomNetwork(kind: Kind): Network {
  let seed = 100 * (1 + Object.keys(KINDS).indexOf(kind));
  const causal = kind !== 'bidirectional';
  const random = (shape: number[], deviation: number) =>
    tf.randomNormal(shape, 0, deviation, 'float32', seed++);
  const linear = (input: number, output: number) =>
    new Linear(
      random([input, output], 1.5 / Math.sqrt(input)) as tf.Tensor2D,
      random([output], 0.2) as tf.Tensor1D,
    );
  const norm = () =>
    new LayerNorm(
      tf.add(random([HIDDEN], 0.2), 1) as tf.Tensor1D,
      random([HIDDEN], 0.2) as tf.Tensor1D,
      1e-5,
    );
  const square = () => linear(HIDDEN, HIDDEN);

  const blocks = Array.from({ length: LAYERS }, (_, layer) => {
    const options: AttentionOptions = KINDS[kind][layer % KINDS[kind].length] ?? {};
    const attention = new Attention(square(), square(), square(), square(), HEADS, options);
    const [key, value] = [linear(HIDDEN, NEURONS), linear(NEURONS, HIDDEN)];
    return causal
      ? new PreNormBlock(norm(), attention, norm(), key, activations.gelu_new, value)
      : new PostNormBlock(attention, norm(), key, activations.gelu, value, norm());
  });

  const words = new Table(random([VOCABULARY, HIDDEN], 1) as tf.Tensor2D);
  const positions = new Table(random([POSITIONS, HIDDEN], 0.5) as tf.Tensor2D);
  const decoder = linear(HIDDEN, VOCABULARY);
  const all = [words, positions, ...blocks, decoder];
  return {
    causal,
    blocks,
    get words() {
      return words.matrix;
    },
    embed(ids) {
      return tf.reshape(tf.add(words.rowsOf(ids), positions.slice(0, ids.shape[1])), [-1, HIDDEN]);
    },
    head: (x) => decoder.apply(x),
    readout: (embedding) => decoder.back(embedding),
    weights: () => all.flatMap((part) => part.weights()),
    dispose() {
      for (const part of all) part.dispose();
    },
  };
}
