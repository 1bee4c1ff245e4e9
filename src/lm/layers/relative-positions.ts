// Disentangled attention (He et al. 2021, DeBERTa): scores have two further terms, between what one row says and how far
// off the other one stands.
import * as tf from '@tensorflow/tfjs-core';
import type { Positions } from '../positions.js';
import type { Holding } from './applied.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Table } from './table.js';
import type { Weight } from './weight.js';

/** Scores are between the content of the row that asks and the position of the other one, or the other way round. */
export type RelativeTerm = 'c2p' | 'p2c';

export interface RelativeOptions {
  /** Distances up to half of it have buckets of their own, further ones share more and more (B). */
  buckets: number;
  /** The distance that the last bucket reaches. */
  furthest: number;
  terms: readonly RelativeTerm[];
}

/** Further terms of attention's scores. */
export interface RelativeScores extends Holding {
  /** [B, A, Q, S], not yet scaled. */
  y: tf.Tensor4D;
  /** dL/dy to the gradients of queries [B, A, Q, D] and keys [B, A, S, D]. */
  back(dy: tf.Tensor4D): { q: tf.Tensor4D; k: tf.Tensor4D };
}

/** One table for all layers; each puts it through its own queries and keys. */
export class RelativePositions {
  /** Takes over both. @param table R [2B, H], a row per bucket */
  constructor(
    private readonly table: Table,
    private readonly norm: Norm,
    private readonly options: RelativeOptions,
  ) {}

  /**
   * The terms between the rows that ask and all rows: q_i K_r[i - j] + k_j Q_r[i - j], where K_r = key(R), Q_r = query(R).
   * @param q of the last Q of the S rows [B, A, Q, D]
   * @param k [B, A, S, D]
   * @param positions of the S rows, which are 0 to S - 1 in some order
   */
  apply(
    q: tf.Tensor4D,
    k: tf.Tensor4D,
    positions: Positions,
    { query, key }: { query: Linear; key: Linear },
  ): RelativeScores {
    const { terms } = this.options;
    const [batch, heads, asking] = q.shape;
    const rows = k.shape[2];
    const far = rows - 1;
    const sequences = Array.from({ length: batch }, (_, b) => positions[b] ?? positions[0] ?? []);
    const distances = this.rowsUpTo(far); // [2S-1, H], of -far to far

    /** By the rows that a term's content comes from: what each of them says to every distance, picked pair by pair. */
    const term = (content: tf.Tensor4D, linear: Linear, byKey: boolean) => {
      const own = content.shape[2];
      const count = 2 * far + 1;
      const places = onHeads(linear.apply(distances).y, heads); // [A, 2S-1, D]
      // Of one content row, every other row is at another distance, so that picking goes both ways.
      const there = new Int32Array(batch * asking * rows);
      const back = new Int32Array(batch * own * count).fill(batch * asking * rows);
      sequences.forEach((order, b) => {
        for (let i = 0; i < asking; i++) {
          for (let j = 0; j < rows; j++) {
            const distance = (order[rows - asking + i] ?? 0) - (order[j] ?? 0) + far;
            const pair = (b * asking + i) * rows + j;
            const said = (b * own + (byKey ? j : i)) * count + distance;
            there[pair] = said;
            back[said] = pair;
          }
        }
      });
      const all = tf.matMul(flat(content), places, false, true); // [A, B*N, 2S-1]
      const picked = tf.gather(tf.reshape(all, [heads, -1]), tf.tensor1d(there), 1);
      return {
        y: apart(picked, batch, rows), // [B, A, Q, S]
        places,
        back(dy: tf.Tensor4D): tf.Tensor4D {
          const pairs = tf.pad(tf.reshape<tf.Rank.R2>(flat(dy), [heads, -1]), [
            [0, 0],
            [0, 1],
          ]);
          const dAll = tf.reshape(tf.gather(pairs, tf.tensor1d(back), 1), all.shape);
          return apart(tf.matMul(dAll, places), batch, content.shape[3]); // [B, A, N, D]
        },
      };
    };

    const ofQueries = terms.includes('c2p') ? term(q, key, false) : undefined;
    const ofKeys = terms.includes('p2c') ? term(k, query, true) : undefined;
    const both = [ofQueries, ofKeys].filter((one) => one !== undefined);
    const back = (dy: tf.Tensor4D) => ({
      q: ofQueries?.back(dy) ?? tf.zeros(q.shape),
      k: ofKeys?.back(dy) ?? tf.zeros(k.shape),
    });
    return { y: tf.addN(both.map(({ y }) => y)), holds: both.map(({ places }) => places), back };
  }

  weights(): Weight[] {
    return [...this.table.weights(), ...this.norm.weights()];
  }

  dispose(): void {
    this.table.dispose();
    this.norm.dispose();
  }

  /** LN(R) at the distances -far to far [2 far + 1, H]. */
  private rowsUpTo(far: number): tf.Tensor2D {
    const buckets = Array.from({ length: 2 * far + 1 }, (_, i) => this.bucketOf(i - far));
    return this.norm.apply(this.table.at(buckets)).y;
  }

  /** The row of R of a distance. In double precision: the rounding sits on edges. */
  private bucketOf(distance: number): number {
    const { buckets, furthest } = this.options;
    const middle = Math.floor(buckets / 2);
    const size = Math.abs(distance);
    const log = Math.log(size / middle) / Math.log((furthest - 1) / middle);
    const bucket = size <= middle ? size : Math.ceil(log * (middle - 1)) + middle;
    return Math.min(Math.max(Math.sign(distance) * bucket + buckets, 0), 2 * buckets - 1);
  }
}

/** [N, A * D] to [A, N, D]. */
function onHeads(x: tf.Tensor2D, heads: number): tf.Tensor3D {
  const [rows, width] = x.shape;
  return tf.transpose(tf.reshape<tf.Rank.R3>(x, [rows, heads, width / heads]), [1, 0, 2]);
}

/** [B, A, N, D] to [A, B*N, D]. */
function flat(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, rows, depth] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [heads, batch * rows, depth]);
}

/** [A, B*N, D], in any shape, to [B, A, N, D]. */
function apart(x: tf.Tensor, batch: number, depth: number): tf.Tensor4D {
  const parted: tf.Tensor4D = tf.reshape(x, [x.shape[0] ?? 1, batch, -1, depth]);
  return tf.transpose(parted, [1, 0, 2, 3]);
}
