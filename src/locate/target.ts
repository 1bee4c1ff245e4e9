// P(target) and its gradient, at the rows that the head gets.
import * as tf from '@tensorflow/tfjs-core';
import { fused } from '../lm/layers/fused.js';
import { stack } from '../lm/rows.js';
import type { Network } from '../lm/transformer.js';
import { HEAD_BYTES } from './budget.js';

/** Logits, probabilities, and what becomes of them on the way to a gradient; each is as wide as the vocabulary. */
const COPIES = 5;

/**
 * P(target) of each row.
 * @param x what the head gets [N, H]
 * @param targets token ids [N]
 * @returns [N, 1]
 */
export function targetProbabilities(
  network: Network,
  x: tf.Tensor2D,
  targets: readonly number[],
): tf.Tensor2D {
  const inPiece = (rows: tf.Tensor2D, ids: readonly number[]) => [probabilitiesIn(network.head(rows).y, ids)];
  return inPieces(network, x, targets, inPiece)[0] as tf.Tensor2D;
}

/** P(target) of each row [N, 1], and dP(target)/dx [N, H]. */
export function targetGradients(
  network: Network,
  x: tf.Tensor2D,
  targets: readonly number[],
): { probs: tf.Tensor2D; gradients: tf.Tensor2D } {
  const [probs, gradients] = inPieces(network, x, targets, (rows, ids) => {
    const logits = network.head(rows);
    const { probs, gradients } = gradientsIn(logits.y, ids);
    return [probs, logits.back(gradients)];
  });
  return { probs: probs as tf.Tensor2D, gradients: gradients as tf.Tensor2D };
}

/** softmax(logits)[target] of each row [N, V]: [N, 1]. */
export function probabilitiesIn(logits: tf.Tensor2D, targets: readonly number[]): tf.Tensor2D {
  const [p] = answer(logits, targets, false) ?? [pickTargets(tf.softmax(logits), targets)];
  return p as tf.Tensor2D;
}

/** The same, and its gradient, P (onehot(target) - softmax(logits)) [N, V]. */
export function gradientsIn(
  logits: tf.Tensor2D,
  targets: readonly number[],
): { probs: tf.Tensor2D; gradients: tf.Tensor2D } {
  const [probs, gradients] = answer(logits, targets, true) ?? [];
  if (probs && gradients) return { probs: probs as tf.Tensor2D, gradients: gradients as tf.Tensor2D };
  const p = tf.softmax(logits);
  const own = pickTargets(p, targets); // [N, 1]
  const places = tf.tensor2d(
    targets.flatMap((id, row) => [row, id]),
    [targets.length, 2],
    'int32',
  );
  const atTargets = tf.scatterND(places, tf.reshape(own, [-1]), p.shape);
  return { probs: own, gradients: tf.sub(atTargets, tf.mul(own, p)) };
}

function answer(logits: tf.Tensor2D, targets: readonly number[], gradient: boolean): tf.Tensor[] | undefined {
  return fused('answer', { logits, targets: tf.tensor1d([...targets], 'int32') }, { gradient });
}

/** The value of each row [N, V] at its own target: [N, 1]. */
export function pickTargets(rows: tf.Tensor2D, targets: readonly number[]): tf.Tensor2D {
  const places = targets.map((target, row) => row * rows.shape[1] + target);
  return tf.tidy(() => tf.reshape(tf.gather(tf.reshape(rows, [-1]), tf.tensor1d(places, 'int32')), [-1, 1]));
}

/** Row by row work of the head, in as many pieces as the memory asks for. @returns what it comes to for all rows */
function inPieces(
  { words }: Network,
  x: tf.Tensor2D,
  targets: readonly number[],
  work: (rows: tf.Tensor2D, targets: readonly number[]) => tf.Tensor2D[],
): tf.Tensor2D[] {
  const bytes = COPIES * words.shape[0] * Float32Array.BYTES_PER_ELEMENT;
  const most = Math.max(1, Math.floor(HEAD_BYTES / bytes));
  const pieces: tf.Tensor2D[][] = [];
  for (let from = 0; from < targets.length; from += most) {
    const ids = targets.slice(from, from + most);
    pieces.push(tf.tidy(() => work(tf.slice(x, [from, 0], [ids.length, -1]), ids)));
  }
  const [first = []] = pieces;
  return first.map((_, i) => stack(pieces.flatMap((piece) => piece[i] ?? [])).y);
}
