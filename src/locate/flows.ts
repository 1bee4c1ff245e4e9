// How neurons feed each other: integrated gradients of a higher neuron's activation with respect to a lower one's, both at
// the target position (Sundararajan et al. 2017, with another neuron in the place of the answer).

import * as tf from '@tensorflow/tfjs-core';
import { groupBy } from '../group.js';
import { requireNumbers } from '../lm/finite.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { NeuronId } from '../lm/overlay.js';
import type { Sequence } from '../lm/prompt.js';
import { pick } from '../lm/rows.js';
import { activationAbove, type Trace, trace } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';
import { largest } from '../numbers.js';
import type { Flow, NeuronFlows } from './flow.js';
import { type Integrand, integratePaths, type Path } from './integrals.js';
import { bytesOfPoint } from './integrand.js';
import { batchesOf, integrateBatches, type Nodes, nodesOf, type Part, weightsOf } from './nodes.js';
import type { AttributionSettings } from './score-map.js';
import { pickTargets } from './target.js';

/** A lower neuron and a higher one. */
interface Pair {
  from: NeuronId;
  to: NeuronId;
}

type PairPoints = Pair & Nodes;

/**
 * For every pair of the neurons that lie in different layers: with F the activation of the higher one when the lower one's
 * is s and everything else of its layer as it is, `flow = a * sum_k w_k dF/ds(alpha_k a)`. Along one coordinate this is
 * F(a) - F(0), which is measured too: what they differ by is the residual, relative to the largest such difference of the
 * higher neuron. Leaves no tensor behind.
 * @throws NotFiniteError when one of them is not a number
 */
export function flows(
  model: LanguageModel,
  prompt: Sequence,
  neurons: readonly NeuronId[],
  settings: Pick<AttributionSettings, 'rule' | 'steps' | 'tolerance'>,
): NeuronFlows {
  const once = trace(model.network, [prompt]);
  try {
    const activations = activationsOf(model, once, neurons);
    const pairs = neurons.flatMap((from) =>
      neurons.filter(([layer]) => layer > from[0]).map((to): Pair => ({ from, to })),
    );
    const integrand = alongNeurons(model, once);
    const at = (alpha: number) =>
      integrand.valuesAt(pairs.map((pair) => ({ ...pair, nodes: [alpha], weights: [0] })));
    const [starts, ends] = [at(0), at(1)];
    const deltas = pairs.map((_, i) => (ends[i] ?? 0) - (starts[i] ?? 0));
    const paths = pairs.map((where, i): Path<Pair> => {
      const same = deltas.filter((_, k) => pairs[k]?.to === where.to);
      return { where, to: ends[i] ?? 0, delta: deltas[i] ?? 0, scale: largest(same.map(Math.abs)) };
    });
    const found = integratePaths(integrand, paths, settings);
    requireNumbers(model, prompt, [...activations, ...deltas, ...found.flatMap(({ scores }) => [...scores])]);
    return {
      activations,
      flows: pairs.map(({ from, to }, i): Flow => {
        const { sum = 0, delta = 0, residual = 0, nodes = 0 } = found[i]?.completeness ?? {};
        return { from: neurons.indexOf(from), to: neurons.indexOf(to), flow: sum, delta, residual, nodes };
      }),
    };
  } finally {
    tf.dispose(once);
  }
}

/** Activations at the target position, in the order of the neurons. */
function activationsOf(model: LanguageModel, once: Trace, neurons: readonly NeuronId[]): number[] {
  const rows = new Map(
    [...new Set(neurons.map(([layer]) => layer))].map((layer) => {
      const block = model.network.blocks[layer];
      const inputs = once.inputs[layer];
      if (!block || !inputs) throw new RangeError(`no layer ${layer}`);
      return [layer, valuesOf(() => block.activate(inputs).y)] as const; // [1, F]
    }),
  );
  return neurons.map(([layer, neuron]) => rows.get(layer)?.[neuron] ?? 0);
}

/** Activations of higher neurons along the paths of lower ones. */
function alongNeurons(model: LanguageModel, once: Trace): Integrand<Pair> {
  // Versions of one layer are run together up to another one.
  const batched = (points: readonly PairPoints[]) => {
    const groups = groupBy(points, ({ from, to }) => `${from[0]} ${to[0]}`);
    return [...groups.values()].flatMap((group) =>
      batchesOf(group, ({ from: [layer] }) => bytesOfPoint(model, once, layer)),
    );
  };
  return {
    integrate(points) {
      const found = integrateBatches(batched(points), 1, (batch) => {
        const { values, a, toward, back } = runTo(model, once, batch);
        const along = tf.sum(tf.mul(back(), toward), 1, true); // dF/ds [N, 1]
        return { values, scores: tf.matMul(weightsOf(batch), tf.mul<tf.Tensor2D>(along, a)) };
      });
      return points.map((one) => found.get(one) ?? { scores: new Float32Array(1), values: [] });
    },
    valuesAt(points) {
      const found = new Map<PairPoints, number>();
      for (const batch of batched(points)) {
        const values = valuesOf(() => runTo(model, once, batch).values);
        batch.forEach(({ origin }, i) => {
          found.set(origin, values[i] ?? 0);
        });
      }
      return points.map((one) => found.get(one) ?? 0);
    },
  };
}

/** Some points between two layers. */
interface Run {
  /** F at each of them [N, 1]. */
  values: tf.Tensor2D;
  /** The lower neurons' activations [N, 1], and their value vectors [N, H]. */
  a: tf.Tensor2D;
  toward: tf.Tensor2D;
  /** dF/du of each [N, H]. */
  back(): tf.Tensor2D;
}

function runTo(model: LanguageModel, once: Trace, batch: readonly Part<PairPoints>[]): Run {
  const [lower = 0, higher = 0] = [batch[0]?.from[0], batch[0]?.to[0]];
  const block = model.network.blocks[lower];
  const inputs = once.inputs[lower];
  const u = once.u[lower]; // [1, H]
  if (!block || !inputs || !u) throw new RangeError(`no layer ${lower}`);
  const rows = batch.flatMap((part) => part.nodes.map(() => part));
  const own = [...new Set(rows.map(({ from }) => from[1]))];
  const toward = pick(
    block.value.rows(own),
    rows.map(({ from }) => own.indexOf(from[1])),
  );
  const active = tf.gather(
    tf.reshape(block.activate(inputs).y, [-1]),
    tf.tensor1d(
      rows.map(({ from }) => from[1]),
      'int32',
    ),
  );
  const a = tf.reshape<tf.Rank.R2>(active, [-1, 1]);
  const missing = tf.mul(tf.sub(nodesOf(batch), 1), a); // (alpha - 1) a
  const prompts = rows.map(() => 0);
  const moved = tf.add<tf.Tensor2D>(pick(u, prompts), tf.mul(missing, toward));
  const above = activationAbove(model.network, once, { layer: lower, u: moved, prompts }, higher);
  const targets = rows.map(({ to }) => to[1]);
  const back = () => {
    const one = tf.oneHot(tf.tensor1d(targets, 'int32'), above.y.shape[1]);
    return above.back(tf.cast(one, 'float32') as tf.Tensor2D);
  };
  return { values: pickTargets(above.y, targets), a, toward, back };
}
