// What is integrated: P(target) and its gradient along the path from zero to a layer's activation, many points at once.
import * as tf from '@tensorflow/tfjs-core';
import type { Block } from '../lm/block.js';
import type { LanguageModel } from '../lm/language-model.js';
import { suffixes, type Trace } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';
import { BATCH_BYTES } from './budget.js';

/** Where the path runs: the activation after the non-linearity (the paper's), or the row before it. */
export type Site = 'post' | 'pre';

/** A traced prompt and what is asked of it. */
export interface Path {
  model: LanguageModel;
  once: Trace;
  /** Token id. */
  target: number;
  site: Site;
}

/** Points on the path of one layer, each with its weight in the integral. */
export interface Points {
  layer: number;
  /** alpha_k */
  nodes: readonly number[];
  /** w_k */
  weights: readonly number[];
}

/** P(target) with the activations of a layer at zero, for each of the layers. */
export function probabilitiesAtZero(path: Path, layers: readonly number[]): number[] {
  const { model, once, target, site } = path;
  const found = new Map<number, number>();
  for (const batch of batchesOf(
    path,
    layers.map((layer) => ({ layer, nodes: [0], weights: [0] })),
  )) {
    const probs = tf.tidy(() => {
      const starts = batch.map(({ layer, nodes }) => ({
        layer,
        u: place(model, once, layer, site, nodes).u,
      }));
      return targetProbabilities(suffixes(model.network, once, starts).y, target).dataSync<'float32'>();
    });
    batch.forEach(({ layer }, i) => {
      found.set(layer, probs[i] ?? 0);
    });
  }
  return layers.map((layer) => found.get(layer) ?? 0);
}

/**
 * `a_i * sum_k w_k dP/ds_i(alpha_k a)` for every neuron i of each layer [F].
 * @param points one entry per layer
 */
export function integrate(path: Path, points: readonly Points[]): Float32Array[] {
  const sums = new Map(points.map(({ layer }) => [layer, new Float32Array(path.model.info.neurons)]));
  for (const batch of batchesOf(path, points)) {
    const { neurons } = path.model.info;
    const scores = valuesOf(() => integrateBatch(path, batch)); // [points, F]
    batch.forEach(({ layer }, i) => {
      const sum = sums.get(layer);
      scores.subarray(i * neurons, (i + 1) * neurons).forEach((score, neuron) => {
        if (sum) sum[neuron] = (sum[neuron] ?? 0) + score;
      });
    });
  }
  return points.map(({ layer }) => sums.get(layer) ?? new Float32Array());
}

/** The points in ascending order of layers, cut into batches that keep to the memory. */
function batchesOf({ model, once }: Path, points: readonly Points[]): Points[][] {
  const batches: Points[][] = [];
  let room = 0;
  for (const { layer, nodes, weights } of [...points].sort((a, b) => a.layer - b.layer)) {
    const bytes = bytesOfPoint(model, once.length, layer);
    for (let done = 0; done < nodes.length; ) {
      if (room < bytes) {
        batches.push([]);
        room = BATCH_BYTES;
      }
      const end = Math.min(nodes.length, done + Math.max(1, Math.floor(room / bytes)));
      batches.at(-1)?.push({ layer, nodes: nodes.slice(done, end), weights: weights.slice(done, end) });
      room -= (end - done) * bytes;
      done = end;
    }
  }
  return batches;
}

/** What one point keeps: the rows of the blocks above its layer, and its logits with their gradient. */
function bytesOfPoint({ info, network }: LanguageModel, length: number, layer: number): number {
  const rows = network.causal ? 1 : length;
  const perRow = 16 * info.hidden + 3 * info.neurons + (network.blocks[layer]?.attention.heads ?? 1) * length;
  const above = info.layers - 1 - layer;
  return Float32Array.BYTES_PER_ELEMENT * (rows * (above + 1) * perRow + 6 * info.vocabulary);
}

/** The part of the integrals that some points contribute: one row of F scores each. */
function integrateBatch({ model, once, target, site }: Path, batch: readonly Points[]): tf.Tensor2D {
  const placed = batch.map(({ layer, nodes }) => ({ layer, ...place(model, once, layer, site, nodes) }));
  const after = suffixes(model.network, once, placed);
  const gradients = after.back(tf.tidy(() => probabilityGradient(after.y, target)));
  const scores = placed.map((one, i) =>
    tf.tidy(() =>
      one.scores(tf.mul<tf.Tensor2D>(gradients[i] as tf.Tensor2D, column(batch[i]?.weights ?? []))),
    ),
  );
  return tf.concat(scores, 0);
}

/** Points on a layer's path: where the FFN's output is there, and from its gradient back to the neurons. */
interface Placed {
  /** [N, H] */
  u: tf.Tensor2D;
  /** dL/du [N, H], weighted, to the sum over the points of a_i dL/ds_i [1, F]. */
  scores(du: tf.Tensor2D): tf.Tensor2D;
}

function place(
  model: LanguageModel,
  once: Trace,
  layer: number,
  site: Site,
  nodes: readonly number[],
): Placed {
  const block = model.network.blocks[layer];
  const z = once.z[layer];
  if (!block || !z) throw new RangeError(`no layer ${layer}`);
  return site === 'post' ? placeAfter(block, z, nodes) : placeBefore(block, z, nodes);
}

/** The FFN's output is linear in its activation: one product serves all points, and one more all their gradients. */
function placeAfter(block: Block, z: tf.Tensor2D, nodes: readonly number[]): Placed {
  const { value } = block;
  const a = block.activate(z).y; // [1, F]
  const u = tf.add<tf.Tensor2D>(tf.mul(column(nodes), tf.matMul(a, value.matrix)), value.offset);
  const scores = (du: tf.Tensor2D) => {
    const sum = tf.reshape<tf.Rank.R2>(tf.sum(du, 0), [-1, 1]); // [H, 1]
    return tf.mul<tf.Tensor2D>(a, tf.reshape(tf.matMul(value.matrix, sum), [1, -1]));
  };
  return { u, scores };
}

function placeBefore(block: Block, z: tf.Tensor2D, nodes: readonly number[]): Placed {
  const { value } = block;
  const active = block.activate(tf.mul<tf.Tensor2D>(column(nodes), z)); // [N, F]
  const scores = (du: tf.Tensor2D) => tf.mul<tf.Tensor2D>(z, tf.sum(active.back(value.back(du)), 0, true));
  return { u: value.apply(active.y).y, scores };
}

/** P(target) per row of logits [N, V]: [N, 1]. */
export function targetProbabilities(logits: tf.Tensor2D, target: number): tf.Tensor2D {
  return tf.slice(tf.softmax(logits), [0, target], [-1, 1]);
}

/** dP(target)/d logits [N, V]. */
function probabilityGradient(logits: tf.Tensor2D, target: number): tf.Tensor2D {
  const p = tf.softmax(logits);
  const one = tf.oneHot(tf.tensor1d([target], 'int32'), p.shape[1] ?? 0); // [1, V]
  return tf.mul(tf.slice(p, [0, target], [-1, 1]), tf.sub(one, p));
}

function column(values: readonly number[]): tf.Tensor2D {
  return tf.tensor2d([...values], [values.length, 1]);
}
