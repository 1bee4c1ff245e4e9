// Nodes on paths, cut into batches that keep to the memory, and what they come to summed up again.
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../lm/values.js';
import { BATCH_BYTES } from './budget.js';

/** Nodes on a path, each with its weight in the integral. */
export interface Nodes {
  /** alpha_k */
  nodes: readonly number[];
  /** w_k */
  weights: readonly number[];
}

/** What some points come to. */
export interface Integrated {
  /** `a_i * sum_k w_k dvalue/ds_i(alpha_k a)` for everything i that runs along the path. */
  scores: Float32Array;
  /** The value at each node. */
  values: number[];
}

/** Some of the nodes of an entry. */
export type Part<P extends Nodes> = P & { origin: P };

/**
 * The points, cut into batches that keep to the memory, in their order.
 * @param bytesOf what one node of an entry keeps between its forward and its backward pass
 */
export function batchesOf<P extends Nodes>(points: readonly P[], bytesOf: (point: P) => number): Part<P>[][] {
  const batches: Part<P>[][] = [];
  let room = 0;
  for (const origin of points) {
    const { nodes, weights } = origin;
    const bytes = bytesOf(origin);
    for (let done = 0; done < nodes.length; ) {
      if (room < bytes) {
        batches.push([]);
        room = BATCH_BYTES;
      }
      const end = Math.min(nodes.length, done + Math.max(1, Math.floor(room / bytes)));
      const part = { nodes: nodes.slice(done, end), weights: weights.slice(done, end) };
      batches.at(-1)?.push({ ...origin, origin, ...part });
      room -= (end - done) * bytes;
      done = end;
    }
  }
  return batches;
}

/**
 * Integrates batch by batch, and sums up what belongs to one entry.
 * @param width numbers of an entry's scores
 * @param work of one batch: a row of scores for each part [parts, width], and the value at each node [N, 1]
 */
export function integrateBatches<P extends Nodes>(
  batches: readonly Part<P>[][],
  width: number,
  work: (batch: readonly Part<P>[]) => { scores: tf.Tensor2D; values: tf.Tensor2D },
): Map<P, Integrated> {
  const found = new Map<P, Integrated>();
  for (const batch of batches) {
    const tensors = tf.tidy(() => work(batch));
    const scores = valuesOf(() => tensors.scores);
    const values = [...valuesOf(() => tensors.values)];
    batch.forEach(({ origin, nodes }, i) => {
      const sum = found.get(origin) ?? { scores: new Float32Array(width), values: [] };
      found.set(origin, sum);
      sum.values.push(...values.splice(0, nodes.length));
      scores.subarray(i * width, (i + 1) * width).forEach((score, k) => {
        sum.scores[k] = (sum.scores[k] ?? 0) + score;
      });
    });
  }
  return found;
}

/** [N, 1] */
export function nodesOf(entries: readonly Nodes[]): tf.Tensor2D {
  const nodes = entries.flatMap((one) => one.nodes);
  return tf.tensor2d(nodes, [nodes.length, 1]);
}

/** Row e holds the weights of entry e, at its own points [entries, N]. */
export function weightsOf(entries: readonly Nodes[]): tf.Tensor2D {
  const count = entries.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const matrix = new Float32Array(entries.length * count);
  let from = 0;
  entries.forEach(({ weights }, e) => {
    matrix.set(weights, e * count + from);
    from += weights.length;
  });
  return tf.tensor2d(matrix, [entries.length, count]);
}
