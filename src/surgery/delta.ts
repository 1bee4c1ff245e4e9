// What the FFN of a layer would have to say for a token to win, and how likely the token is when it says so.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import { suffix, type Trace, trace } from '../lm/transformer.js';
import { valuesOfEach } from '../lm/values.js';
import { smallest } from '../numbers.js';
import { Adam } from './adam.js';

const ROUNDS = 60;
/** Of Adam. */
const RATE = 0.1;

/** A batch of questions, and their forward pass. */
export interface TracedBatch {
  /** Which of the questions. */
  indices: number[];
  once: Trace;
}

/** Runs sequences through the model. Free what comes back with `freeTraces`. */
export function traceAll(model: LanguageModel, asked: readonly Sequence[]): TracedBatch[] {
  return batches(asked).map((indices) => ({
    indices,
    once: trace(
      model.network,
      indices.map((i) => asked[i] as Sequence),
    ),
  }));
}

export function freeTraces(traces: readonly TracedBatch[]): void {
  tf.dispose(traces.map(({ once }) => once));
}

/**
 * The vector delta [H] that, added to the FFN output of the layer at the target position of every question, makes
 * their token win: Adam on the mean of log P, until each reaches `aim`.
 */
export function findDelta(
  model: LanguageModel,
  layer: number,
  target: number,
  traces: readonly TracedBatch[],
  aim: number,
): Float32Array {
  const { hidden } = model.info;
  const questions = traces.reduce((count, { indices }) => count + indices.length, 0);
  const delta = new Float32Array(hidden);
  const adam = new Adam(hidden, RATE);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = new Float64Array(hidden);
    let least = 1;
    for (const batch of traces) {
      const moves = batch.indices.map(() => delta);
      const found = nudge(model, layer, target, batch, moves, true);
      least = Math.min(least, smallest(found.probs));
      found.gradient.forEach((g, i) => {
        gradient[i] = (gradient[i] ?? 0) + g / questions;
      });
    }
    if (least >= aim) break;
    adam.step(delta, (i) => -(gradient[i] ?? 0));
  }
  return delta;
}

/**
 * P(target) per row when each row's FFN output moves by a vector of its own, and the gradient [H] of the sum of log P
 * with respect to a move that all rows share.
 */
export function nudge(
  model: LanguageModel,
  layer: number,
  target: number,
  { once }: TracedBatch,
  moves: readonly Float32Array[],
  withGradient: boolean,
): { gradient: Float32Array; probs: Float32Array } {
  const [probs = new Float32Array(), gradient = new Float32Array()] = valuesOfEach(() => {
    const u = once.u[layer]; // [B, H]
    if (!u) throw new RangeError(`no layer ${layer}`);
    const moved = tf.stack(moves.map((move) => tf.tensor1d(move))); // [B, H]
    const after = suffix(model.network, once, layer, tf.add(u, moved));
    const p = tf.softmax(after.y);
    const own = tf.slice(p, [0, target], [-1, 1]);
    if (!withGradient) return [own];
    const one = tf.oneHot(tf.tensor1d([target], 'int32'), p.shape[1] ?? 0);
    return [own, tf.sum(after.back(tf.sub(one, p)), 0)];
  });
  return { gradient, probs };
}
