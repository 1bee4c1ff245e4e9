// One row per sequence of a batch: taking the target rows out of [B*S, H], and putting them back.
import * as tf from '@tensorflow/tfjs-core';

/** The row at one position of each sequence in a batch of B sequences of S tokens. */
export type Rows = {
  batch: number;
  length: number;
  /** Row numbers in [B*S, H], int32 [B]. */
  index: tf.Tensor1D;
  /** 1 at those rows, 0 elsewhere [B, S, 1]. */
  mask: tf.Tensor3D;
};

/** @param positions one per sequence, each below `length` */
export function rowsAt(positions: readonly number[], length: number): Rows {
  const batch = positions.length;
  const flat = positions.map((position, b) => b * length + position);
  const mask = new Float32Array(batch * length);
  for (const row of flat) mask[row] = 1;
  return {
    batch,
    length,
    index: tf.tensor1d(flat, 'int32'),
    mask: tf.tensor3d(mask, [batch, length, 1]),
  };
}

/** hidden [B*S, H] to its chosen rows [B, H]. */
export function gather(hidden: tf.Tensor2D, rows: Rows): tf.Tensor2D {
  return tf.gather(hidden, rows.index);
}

/** values [B, H] to [B*S, H] with zeros everywhere else: the transpose of `gather`. */
export function scatter(values: tf.Tensor2D, rows: Rows): tf.Tensor2D {
  const width = values.shape[1];
  const spread = tf.mul(tf.reshape(values, [rows.batch, 1, width]), rows.mask);
  return tf.reshape(spread, [rows.batch * rows.length, width]);
}

/** hidden [B*S, H] with the chosen rows replaced by values [B, H]. */
export function replace(hidden: tf.Tensor2D, values: tf.Tensor2D, rows: Rows): tf.Tensor2D {
  const width = values.shape[1];
  const whole = tf.reshape(hidden, [rows.batch, rows.length, width]);
  const others = tf.reshape(tf.mul(whole, tf.sub(1, rows.mask)), hidden.shape);
  return tf.add(others, scatter(values, rows));
}
