// Small networks with random weights: bidirectional with layer norm after the sum, or causal with layer norm before.
import * as tf from '@tensorflow/tfjs-core';
import type { Block, Joined } from '../../src/lm/block.js';
import { Attention } from '../../src/lm/layers/attention.js';
import { gelu } from '../../src/lm/layers/gelu.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import { Linear } from '../../src/lm/layers/linear.js';
import { Table } from '../../src/lm/layers/table.js';
import type { Network } from '../../src/lm/transformer.js';

const [LAYERS, HIDDEN, NEURONS, HEADS, VOCABULARY, POSITIONS] = [4, 16, 24, 4, 30, 12];

export function randomNetwork(causal: boolean): Network {
  let seed = causal ? 100 : 200;
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

  const blocks = Array.from({ length: LAYERS }, (): Block => {
    const [first, second] = [norm(), norm()];
    const attention = new Attention(
      linear(HIDDEN, HIDDEN),
      linear(HIDDEN, HIDDEN),
      linear(HIDDEN, HIDDEN),
      linear(HIDDEN, HIDDEN),
      HEADS,
      { causal },
    );
    const key = linear(HIDDEN, NEURONS);
    const value = linear(NEURONS, HIDDEN);
    const parts = [attention, key, value, first, second];
    const sum = (stream: tf.Tensor2D, branch: tf.Tensor2D): Joined => ({
      y: tf.add(stream, branch),
      back: (d) => ({ stream: d, branch: d }),
    });
    const normalisedSum = (stream: tf.Tensor2D, branch: tf.Tensor2D, after: LayerNorm): Joined => {
      const normal = after.apply(tf.add(stream, branch));
      return {
        y: normal.y,
        back: (dy) => {
          const d = normal.back(dy);
          return { stream: d, branch: d };
        },
      };
    };
    return {
      attention,
      value,
      attentionInput: (hidden) => (causal ? first.apply(hidden) : { y: hidden, back: (dy) => dy }),
      joinAttention: (hidden, attended) =>
        causal ? sum(hidden, attended) : normalisedSum(hidden, attended, first),
      preActivation(x) {
        if (!causal) return key.apply(x);
        const normal = second.apply(x);
        return { y: key.apply(normal.y).y, back: (dz) => normal.back(key.back(dz)) };
      },
      activate: gelu,
      merge: (x, u) => (causal ? sum(x, u) : normalisedSum(x, u, second)),
      weights: () => parts.flatMap((part) => part.weights()),
      dispose() {
        for (const part of parts) part.dispose();
      },
    };
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
