// The target row of every sequence stands last: taking it out of [B*S, H], and putting it behind the others.
//
// Attention does not care for the order of what it attends to, and positions are part of the embeddings or go with their
// rows (positions.ts), so a bidirectional model gives the same answers in any order; a causal one is asked at its last
// token anyway.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './layers/applied.js';

/** The last row of each sequence: x [B*S, H] to [B, H]. */
export function lastRows(x: tf.Tensor2D, batch: number): Applied {
  const [rows, width] = x.shape;
  const length = rows / batch;
  if (length === 1) return { y: x, back: (dy) => dy };
  const whole = tf.reshape(x, [batch, length, width]);
  const y = tf.reshape<tf.Rank.R2>(tf.slice(whole, [0, length - 1, 0], [-1, 1, -1]), [batch, width]);
  const back = (dy: tf.Tensor2D) => {
    const others = tf.zeros([batch, length - 1, width]);
    return tf.reshape<tf.Rank.R2>(tf.concat([others, tf.reshape(dy, [batch, 1, width])], 1), [rows, width]);
  };
  return { y, back };
}

/** All rows but the last of each sequence: x [B*S, H] to [B, S-1, H]. */
export function otherRows(x: tf.Tensor2D, batch: number): tf.Tensor3D {
  const [rows, width] = x.shape;
  const length = rows / batch;
  return tf.slice(tf.reshape<tf.Rank.R3>(x, [batch, length, width]), 0, [batch, length - 1, width]);
}

/** Other rows [B, S-1, H] of each sequence, and behind them its last row [B, H]: [B*S, H]. */
export function withLast(others: tf.Tensor3D, last: tf.Tensor2D): tf.Tensor2D {
  const [batch, width] = last.shape;
  return tf.reshape(tf.concat([others, tf.reshape<tf.Rank.R3>(last, [batch, 1, width])], 1), [-1, width]);
}

/** Matrices of one width, one under the other. */
export function stack(parts: readonly tf.Tensor2D[]): {
  y: tf.Tensor2D;
  back(dy: tf.Tensor2D): tf.Tensor2D[];
} {
  const [only] = parts;
  if (only && parts.length === 1) return { y: only, back: (dy) => [dy] };
  const sizes = parts.map(({ shape }) => shape[0]);
  return { y: tf.concat([...parts], 0), back: (dy) => tf.split(dy, sizes, 0) };
}

/** Entries of the first axis by their numbers; of the only one, copies (which `tf.concat` makes fastest on wasm). */
export function pick<T extends tf.Tensor>(t: T, numbers: readonly number[]): T {
  const all = t.shape[0] === numbers.length && numbers.every((number, i) => number === i);
  if (all) return t;
  if (t.shape[0] === 1) return tf.concat(new Array<T>(numbers.length).fill(t), 0) as T;
  return tf.gather(t, tf.tensor1d([...numbers], 'int32'));
}
