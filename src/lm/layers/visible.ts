// Which rows a row attends to, by where both stand in the text.
import * as tf from '@tensorflow/tfjs-core';
import type { Positions } from '../positions.js';

/** Whether the row at one position sees the row at another. */
export type Visible = (own: number, other: number) => boolean;

/** A row sees itself and those before it, `window` of them at most, itself included. */
export function backwards(window = Number.POSITIVE_INFINITY): Visible {
  return (own, other) => other <= own && other > own - window;
}

/** A row sees those up to `radius` positions away, on both sides. */
export function around(radius: number): Visible {
  return (own, other) => Math.abs(own - other) <= radius;
}

/**
 * What hides the other rows when it is added to the scores.
 * @param asking positions of the rows that ask, and of all rows
 * @returns [B or 1, Q, S]; undefined where nothing is hidden
 */
export function hiding(visible: Visible, asking: Positions, all: Positions): tf.Tensor3D | undefined {
  const [own = []] = asking;
  const [others = []] = all;
  let hides = false;
  const values = asking.flatMap((rows, b) =>
    rows.flatMap((row) =>
      (all[b] ?? others).map((other) => {
        if (visible(row, other)) return 0;
        hides = true;
        return Number.NEGATIVE_INFINITY;
      }),
    ),
  );
  return hides ? tf.tensor3d(values, [asking.length, own.length, others.length]) : undefined;
}
