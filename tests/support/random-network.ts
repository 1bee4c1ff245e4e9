// Small networks with random weights, one of every way in which blocks are made.
import * as tf from '@tensorflow/tfjs-core';
import { activations } from '../../src/lm/layers/activations.js';
import { Attention, type AttentionOptions } from '../../src/lm/layers/attention.js';
import { FfnInput } from '../../src/lm/layers/ffn-input.js';
import { LayerNorm } from '../../src/lm/layers/layer-norm.js';
import { Linear } from '../../src/lm/layers/linear.js';
import { PostNormBlock } from '../../src/lm/layers/post-norm-block.js';
import { RelativePositions } from '../../src/lm/layers/relative-positions.js';
import { ResidualBlock } from '../../src/lm/layers/residual-block.js';
import { RmsNorm } from '../../src/lm/layers/rms-norm.js';
import { Rotary } from '../../src/lm/layers/rotary.js';
import { Table } from '../../src/lm/layers/table.js';
import { TensorMatrix } from '../../src/lm/layers/tensor-matrix.js';
import { around, backwards } from '../../src/lm/layers/visible.js';
import { lengthOf, type Network } from '../../src/lm/transformer.js';

const [LAYERS, HIDDEN, NEURONS, HEADS, VOCABULARY, POSITIONS] = [4, 16, 24, 4, 30, 12];

const WIDTH = HIDDEN / HEADS;

type Attending = Omit<AttentionOptions, 'heads'> & {
  /** Heads of keys and values; as many as of queries unless given. */
  memoryHeads?: number;
};

/** Attention of each layer, in turns. */
const KINDS = {
  bidirectional: [{}],
  /** ModernBERT: rotary positions, and a local window in some layers. */
  turned: [{}, { visible: around(1) }],
  /** DeBERTa: terms of the scores by distance, with buckets that several distances share. */
  relative: [{ scale: 0.3 }],
  causal: [{ visible: backwards() }],
  /** GPT-Neo: unscaled scores, and a window in some layers. */
  windowed: [
    { visible: backwards(), scale: 1 },
    { visible: backwards(3), scale: 1 },
  ],
  /** Gemma 2 and 3: grouped queries with norms, capped scores, gates, norms before and behind the branches. */
  grouped: [{ visible: backwards(), memoryHeads: 2, cap: 2 }],
  /** GPT-J: attention and FFN read the same rows. */
  parallel: [{ visible: backwards() }],
} satisfies Record<string, Attending[]>;

export type Kind = keyof typeof KINDS;

export function randomNetwork(kind: Kind): Network {
  let seed = 100 * (1 + Object.keys(KINDS).indexOf(kind));
  const causal = kind !== 'bidirectional' && kind !== 'turned' && kind !== 'relative';
  const random = (shape: number[], deviation: number) =>
    tf.randomNormal(shape, 0, deviation, 'float32', seed++);
  const matrix = (shape: [number, number], deviation: number) =>
    new TensorMatrix(random(shape, deviation) as tf.Tensor2D);
  const linear = (input: number, output: number) =>
    new Linear(matrix([input, output], 1.5 / Math.sqrt(input)), random([output], 0.2) as tf.Tensor1D);
  const norm = () =>
    new LayerNorm(
      tf.add(random([HIDDEN], 0.2), 1) as tf.Tensor1D,
      random([HIDDEN], 0.2) as tf.Tensor1D,
      1e-5,
    );
  const rmsNorm = (width = HIDDEN) =>
    new RmsNorm(random([width], 0.2) as tf.Tensor1D, { epsilon: 1e-6, offset: 1 });
  const rotary = (layout: 'half' | 'interleaved') => new Rotary(WIDTH, [1], layout); // half of each head turns
  const relative =
    kind === 'relative'
      ? new RelativePositions(new Table(matrix([4, HIDDEN], 1)), norm(), {
          buckets: 2,
          furthest: POSITIONS,
          terms: ['c2p', 'p2c'],
        })
      : undefined;

  const blocks = Array.from({ length: LAYERS }, (_, layer) => {
    const options: Attending = KINDS[kind][layer % KINDS[kind].length] ?? {};
    const memory = WIDTH * (options.memoryHeads ?? HEADS);
    const projections = {
      query: linear(HIDDEN, HIDDEN),
      key: linear(HIDDEN, memory),
      value: linear(HIDDEN, memory),
      output: linear(HIDDEN, HIDDEN),
    };
    const attend = (further: Attending = {}) =>
      new Attention(projections, { ...options, ...further, heads: HEADS });
    const [key, value] = [linear(HIDDEN, NEURONS), linear(NEURONS, HIDDEN)];
    const [attentionNorm, outputNorm] = [norm(), norm()];
    switch (kind) {
      case 'bidirectional':
      case 'relative':
      case 'turned': {
        const attention = attend(kind === 'turned' ? { rotary: rotary('half') } : { relative });
        const ffn = new FfnInput(key, activations.gelu);
        return new PostNormBlock({ attention, attentionNorm, ffn, value, outputNorm });
      }
      case 'grouped': {
        for (const one of [attentionNorm, outputNorm]) one.dispose();
        return new ResidualBlock({
          beforeAttention: rmsNorm(),
          attention: attend({
            rotary: rotary('half'),
            queryNorm: rmsNorm(WIDTH),
            keyNorm: rmsNorm(WIDTH * 2),
          }),
          afterAttention: rmsNorm(),
          beforeFfn: rmsNorm(),
          ffn: new FfnInput(key, activations.silu, linear(HIDDEN, NEURONS)),
          value,
          afterFfn: rmsNorm(),
        });
      }
      default: {
        const parallel = kind === 'parallel';
        if (parallel) outputNorm.dispose();
        return new ResidualBlock({
          beforeAttention: attentionNorm,
          attention: attend(parallel ? { rotary: rotary('interleaved') } : {}),
          beforeFfn: parallel ? attentionNorm : outputNorm,
          ffn: new FfnInput(key, activations.gelu_new),
          value,
          parallel,
        });
      }
    }
  });

  const words = new Table(matrix([VOCABULARY, HIDDEN], 1));
  const positions = new Table(matrix([POSITIONS, HIDDEN], 0.5));
  const decoder = linear(HIDDEN, VOCABULARY);
  const all = [words, positions, ...(relative ? [relative] : []), ...blocks, decoder];
  return {
    causal,
    blocks,
    get words() {
      return words.matrix;
    },
    embed(ids) {
      const own = tf.reshape(words.at(ids.flat()), [ids.length, -1, HIDDEN]);
      return tf.reshape(tf.add(own, positions.slice(0, lengthOf(ids))), [-1, HIDDEN]);
    },
    head: (x) => decoder.apply(x),
    readout: (embedding) => decoder.back(embedding),
    toEmbeddingWidth: (x) => x,
    weights: () => all.flatMap((part) => part.weights()),
    dispose() {
      for (const part of all) part.dispose();
    },
  };
}
