// What flows from neuron to neuron: closed forms on a network of two layers, central differences and completeness on the
// golden checkpoints.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { activations } from '../../src/lm/layers/activations.js';
import { Attention } from '../../src/lm/layers/attention.js';
import { FfnInput } from '../../src/lm/layers/ffn-input.js';
import { Linear } from '../../src/lm/layers/linear.js';
import { ResidualBlock } from '../../src/lm/layers/residual-block.js';
import { TensorMatrix } from '../../src/lm/layers/tensor-matrix.js';
import { backwards } from '../../src/lm/layers/visible.js';
import type { NeuronId } from '../../src/lm/overlay.js';
import { activationAbove, type Network, trace } from '../../src/lm/transformer.js';
import { flows } from '../../src/locate/flows.js';
import { describeOnEngines } from '../support/engines.js';
import { KINDS, readGolden } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const ADAPTIVE = { rule: 'adaptive', steps: 20, tolerance: 1e-3 } as const;

describe('two layers whose attention says nothing', () => {
  // Stream of 2, neurons 2 a layer: activation = gelu(w h + b) with h the stream, so that the second layer's neuron j gets
  // gelu(w_j (x + sum_i a_i v_i) + b_j), whatever the first layer's neurons were made of.
  const X = [0.7, -0.4];
  const LOWER = { weights: [0.9, -1.2, 0.5, 0.8], biases: [0.1, 0.6], values: [1.1, -0.3, 0.4, 0.9] };
  const HIGHER = { weights: [0.6, -0.9, 1.3, 0.2], biases: [-0.2, 0.3], values: [1, 0, 0, 1] };

  // The standard normal distribution function, by the series of its integral.
  const phi = (x: number) => {
    let [term, sum] = [x, x];
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / (2 * n);
      sum += term / (2 * n + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  };
  const gelu = (x: number) => x * phi(x);

  const network = (): Network => {
    const linear = (weights: number[], biases: number[]) =>
      new Linear(new TensorMatrix(tf.tensor2d(weights, [2, 2])), tf.tensor1d(biases));
    const zero = () => linear([0, 0, 0, 0], [0, 0]);
    const blocks = [LOWER, HIGHER].map(({ weights, biases, values }) => {
      const projections = { query: zero(), key: zero(), value: zero(), output: zero() };
      return new ResidualBlock({
        attention: new Attention(projections, { heads: 1, visible: backwards() }),
        ffn: new FfnInput(linear(weights, biases), activations.gelu),
        value: linear(values, [0, 0]),
      });
    });
    const words = new TensorMatrix(tf.tensor2d(X, [1, 2]));
    const unused = () => {
      throw new Error('is not asked for here');
    };
    return {
      causal: true,
      blocks,
      words,
      embed: (ids) =>
        tf.tensor2d(
          ids.flatMap((one) => one.flatMap(() => X)),
          [ids.flat().length, 2],
        ),
      head: (x) => ({ y: x, back: (dy) => dy }),
      readout: unused,
      toEmbeddingWidth: unused,
      weights: () => [],
      dispose() {
        for (const block of blocks) block.dispose();
        words.dispose();
      },
    };
  };

  it('come to the difference that the lower neuron makes, in closed form', async () => {
    const golden = await loadGolden('gpt2');
    const net = network();
    const model = golden.seenThrough(net);
    const neurons: NeuronId[] = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const input = ({ weights, biases }: typeof LOWER, stream: readonly number[], j: number) =>
      (weights[j] ?? 0) * (stream[0] ?? 0) + (weights[2 + j] ?? 0) * (stream[1] ?? 0) + (biases[j] ?? 0);
    const a = [0, 1].map((j) => gelu(input(LOWER, X, j)));
    const streamWith = (active: readonly number[]) =>
      [0, 1].map(
        (h) => (X[h] ?? 0) + active.reduce((sum, one, i) => sum + one * (LOWER.values[2 * i + h] ?? 0), 0),
      );
    const above = (active: readonly number[], j: number) => gelu(input(HIGHER, streamWith(active), j));
    const found = flows(model, { ids: [0], position: 0 }, neurons, { ...ADAPTIVE, tolerance: 1e-6 });
    const expected = [...a, above(a, 0), above(a, 1)];
    for (const [i, value] of found.activations.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
    expect(found.flows).toHaveLength(4);
    for (const { from, to, flow, delta } of found.flows) {
      const without = a.map((one, i) => (i === from ? 0 : one));
      const difference = above(a, to - 2) - above(without, to - 2);
      expect(delta).toBeCloseTo(difference, 5);
      expect(flow).toBeCloseTo(difference, 5);
    }
    // One node of the midpoint rule is the slope half way, in closed form too.
    const slope = (x: number) => phi(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
    const half = flows(model, { ids: [0], position: 0 }, neurons, {
      rule: 'riemann-midpoint',
      steps: 1,
      tolerance: 1,
    });
    for (const { from, to, flow, nodes } of half.flows) {
      const middle = a.map((one, i) => (i === from ? one / 2 : one));
      const [j, own] = [to - 2, a[from] ?? 0];
      const along =
        (HIGHER.weights[j] ?? 0) * (LOWER.values[2 * from] ?? 0) +
        (HIGHER.weights[2 + j] ?? 0) * (LOWER.values[2 * from + 1] ?? 0);
      expect(flow).toBeCloseTo(own * along * slope(input(HIGHER, streamWith(middle), j)), 5);
      expect(nodes).toBe(1);
    }
    net.dispose();
    golden.dispose();
  });
});

await describeOnEngines(KINDS, ['wasm', 'tensorflow'], (family, engine) => {
  const [fact] = readGolden(family).facts;
  let model: LanguageModel;
  const prompt = fact?.prompts[0] ?? { ids: [], position: 0, activations: [] };
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });
  /** The neurons that are most active on the prompt, two of each layer. */
  const neurons = prompt.activations.flatMap((row, layer) => {
    const order = row.map((_, i) => i).sort((a, b) => Math.abs(row[b] ?? 0) - Math.abs(row[a] ?? 0));
    return order.slice(0, 2).map((neuron): NeuronId => [layer, neuron]);
  });

  it('the gradient of a higher activation equals central differences, between all layers', () => {
    const { hidden, layers } = model.info;
    const once = trace(model.network, [prompt]);
    for (let lower = 0; lower < layers - 1; lower++) {
      const u = once.u[lower];
      if (!u) throw new Error('no such layer');
      for (let higher = lower + 1; higher < layers; higher++) {
        const neuron = neurons[2 * higher]?.[1] ?? 0;
        const activation = (at: tf.Tensor2D) =>
          tf.tidy(
            () =>
              activationAbove(model.network, once, { layer: lower, u: at }, higher).y.arraySync()[0]?.[
                neuron
              ] ?? 0,
          );
        expect(activation(u)).toBeCloseTo(prompt.activations[higher]?.[neuron] ?? Number.NaN, 3);
        const gradient = tf.tidy(() => {
          const one = tf.oneHot(tf.tensor1d([neuron], 'int32'), model.info.neurons);
          const above = activationAbove(model.network, once, { layer: lower, u }, higher);
          return above.back(tf.cast(one, 'float32') as tf.Tensor2D).arraySync()[0] ?? [];
        });
        const direction = tf.randomNormal<tf.Rank.R2>([1, hidden], 0, 1, 'float32', 7) as tf.Tensor2D;
        const step = 1e-2;
        const difference = tf.tidy(
          () =>
            (activation(tf.add(u, tf.mul(direction, step))) -
              activation(tf.sub(u, tf.mul(direction, step)))) /
            (2 * step),
        );
        const along = (direction.arraySync()[0] ?? []).reduce((sum, d, i) => sum + d * (gradient[i] ?? 0), 0);
        expect(Math.abs(along - difference)).toBeLessThan(4e-3 * Math.max(1, Math.abs(difference)));
        direction.dispose();
      }
    }
    tf.dispose(once);
  });

  it('flows are complete, and what the lower neuron makes the higher one, and leave no tensor behind', () => {
    const { tolerance } = ADAPTIVE;
    flows(model, prompt, neurons, ADAPTIVE);
    const before = tf.memory().numTensors;
    const found = flows(model, prompt, neurons, ADAPTIVE);
    expect(tf.memory().numTensors).toBe(before);
    expect(found.flows).toHaveLength(
      neurons.flatMap(([layer]) => neurons.filter(([other]) => other > layer)).length,
    );
    neurons.forEach(([layer, neuron], i) => {
      expect(found.activations[i]).toBeCloseTo(prompt.activations[layer]?.[neuron] ?? Number.NaN, 3);
    });
    for (const { from, to, flow, delta, residual } of found.flows) {
      expect(residual).toBeLessThan(tolerance);
      const [lower, higher] = [neurons[from] ?? [0, 0], neurons[to] ?? [0, 0]];
      // A what-if takes the lower neuron's activation to zero in a whole forward pass.
      const silent = tf.tidy(() => {
        const factors = tf.tensor1d(
          Array.from({ length: model.info.neurons }, (_, i) => Number(i !== lower[1])),
        );
        const change = { layer: lower[0], change: (a: tf.Tensor2D) => tf.mul<tf.Tensor2D>(a, factors) };
        const once = trace(model.network, [prompt], [change]);
        const inputs = once.inputs[higher[0]];
        const block = model.network.blocks[higher[0]];
        if (!inputs || !block) throw new Error('no such layer');
        return block.activate(inputs).y.arraySync()[0]?.[higher[1]] ?? 0;
      });
      const difference = (prompt.activations[higher[0]]?.[higher[1]] ?? 0) - silent;
      expect(delta).toBeCloseTo(difference, 3);
      const scale = Math.max(...found.flows.map((one) => (one.to === to ? Math.abs(one.delta) : 0)));
      expect(Math.abs(flow - difference)).toBeLessThan(1.1 * tolerance * scale + 1e-4);
    }
  });
});
