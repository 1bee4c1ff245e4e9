// Multi-head attention over sequences of one length (no padding, so no mask for it), cut where results can be kept.
import * as tf from '@tensorflow/tfjs-core';
import { lastPositions, type Positions } from '../positions.js';
import { type Applied, type Holding, held, tidyAround } from './applied.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { RelativePositions } from './relative-positions.js';
import type { Rotary } from './rotary.js';
import { hiding, type Visible } from './visible.js';
import type { Weight } from './weight.js';

/** Keys and values of the rows that can be attended to. K heads of width D. */
export type Memory = {
  /** [B, K, S, D] */
  k: tf.Tensor4D;
  /** [B, K, S, D] */
  v: tf.Tensor4D;
};

/** The gradients of what attention was made from. */
export type AttentionGradient = Memory & {
  /** [B, A, Q, D] */
  q: tf.Tensor4D;
};

/** The linear layers of an attention: three from the stream to the heads, and one back. */
export interface Projections {
  /** [H] to [A * D] */
  query: Linear;
  /** [H] to [K * D] */
  key: Linear;
  /** [H] to [K * D] */
  value: Linear;
  /** [A * D] to [H] */
  output: Linear;
}

export interface AttentionOptions {
  /** Number of query heads (A). */
  heads: number;
  /** Heads of keys and values (K), each of which A / K query heads read; A unless given. */
  memoryHeads?: number | undefined;
  /** Rows that a row sees; all unless given. */
  visible?: Visible | undefined;
  /** What scores are multiplied by; 1 / sqrt(D) unless given. */
  scale?: number | undefined;
  /** Scores s become cap * tanh(s / cap). */
  cap?: number | undefined;
  /** Turns queries and keys by their positions. */
  rotary?: Rotary | undefined;
  /** Adds to the scores by how far rows are apart; it belongs to the network. Not where query heads share heads. */
  relative?: RelativePositions | undefined;
  /** Normalise queries and keys before that: each head (gain [D]), or all of them together (gain [heads * D]). */
  queryNorm?: Norm | undefined;
  keyNorm?: Norm | undefined;
}

/** A projection on its heads, with the way back to the rows [B*N, H]. */
interface Projected extends Holding {
  /** [B, heads, N, D] */
  y: tf.Tensor4D;
  back(dy: tf.Tensor4D): tf.Tensor2D;
}

export class Attention {
  private readonly memoryHeads: number;

  constructor(
    private readonly projections: Projections,
    private readonly options: AttentionOptions,
  ) {
    this.memoryHeads = options.memoryHeads ?? options.heads;
  }

  /** How many numbers it keeps of a sequence of S rows of which Q ask. */
  kept(asking: number, rows: number): number {
    const { heads, queryNorm, keyNorm, cap } = this.options;
    const width = this.projections.query.outputs; // A * D
    const memoryWidth = this.projections.key.outputs; // K * D
    const queries = asking * width * (queryNorm ? 2 : 1);
    const scores = asking * heads * rows * (cap ? 2 : 1);
    return queries + scores + 2 * rows * memoryWidth + (keyNorm ? asking * memoryWidth : 0);
  }

  /**
   * Keys and values of rows [B*N, H]; they depend on each row alone.
   * @param positions of the N rows
   */
  memory(
    rows: tf.Tensor2D,
    batch: number,
    positions: Positions,
  ): Holding & { memory: Memory; back(d: Memory): tf.Tensor2D } {
    const { key, value } = this.projections;
    const { keyNorm, rotary } = this.options;
    const k = project(rows, batch, key, this.memoryHeads, keyNorm, rotary && { rotary, positions });
    const v = project(rows, batch, value, this.memoryHeads);
    const back = (d: Memory) => tf.tidy(() => tf.add<tf.Tensor2D>(k.back(d.k), v.back(d.v)));
    return { memory: { k: k.y, v: v.y }, holds: held(k, v), back };
  }

  /** Queries of rows [B*Q, H]: y [B, A, Q, D]. @param positions of the Q rows */
  query(rows: tf.Tensor2D, batch: number, positions: Positions): Projected {
    const { heads, queryNorm, rotary } = this.options;
    return project(rows, batch, this.projections.query, heads, queryNorm, rotary && { rotary, positions });
  }

  /**
   * What each asking row takes from the memory, through the output layer.
   * @param q of the last Q of the S rows in `memory` [B, A, Q, D]
   * @param positions of the S rows
   * @returns y [B*Q, H]
   */
  attend(
    q: tf.Tensor4D,
    { k, v }: Memory,
    positions: Positions,
  ): Holding & { y: tf.Tensor2D; back(dy: tf.Tensor2D): AttentionGradient } {
    const [batch, heads, asking, depth] = q.shape;
    const { visible, cap, relative, scale = 1 / Math.sqrt(depth) } = this.options;
    const { output } = this.projections;
    const apartness = relative && tidyAround(() => relative.apply(q, k, positions, this.projections));
    const copies = heads / this.memoryHeads;
    // The query heads that read one head of the memory, one under the other: [B, K, A/K * Q, D].
    const grouped = (t: tf.Tensor): tf.Tensor4D =>
      tf.reshape(t, [batch, this.memoryHeads, copies * asking, depth]);
    const apart = (t: tf.Tensor): tf.Tensor4D => tf.reshape(t, [batch, heads, asking, depth]);

    const { p, y, slope } = tf.tidy(() => {
      const content = tf.matMul(grouped(q), k, false, true);
      const raw = tf.mul<tf.Tensor4D>(apartness ? tf.add(content, apartness.y) : content, scale); // [B, K, A/K * Q, S]
      const bent = cap ? tf.tanh(tf.div(raw, cap)) : undefined;
      const scores = cap && bent ? tf.mul<tf.Tensor4D>(bent, cap) : raw;
      const hidden = visible && hiding(visible, lastPositions(positions, asking), positions, copies);
      const p = tf.softmax(hidden ? tf.add(scores, hidden) : scores);
      const slope = bent && tf.sub<tf.Tensor4D>(1, tf.square(bent)); // of the cap
      return { p, y: output.apply(merge(apart(tf.matMul(p, v)))).y, slope };
    });
    const back = (dy: tf.Tensor2D) =>
      tf.tidy((): AttentionGradient => {
        const dMixed = grouped(split(output.back(dy), batch, heads));
        const dp = tf.matMul(dMixed, v, false, true);
        const dScores = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true)));
        const ds = tf.mul(slope ? tf.mul(dScores, slope) : dScores, scale);
        const beside = apartness?.back(ds as tf.Tensor4D);
        const dq = apart(tf.matMul(ds, k));
        const dk = tf.matMul(ds, grouped(q), true, false) as tf.Tensor4D;
        return {
          q: beside ? tf.add(dq, beside.q) : dq,
          k: beside ? tf.add(dk, beside.k) : dk,
          v: tf.matMul(p, dMixed, true, false) as tf.Tensor4D,
        };
      });
    return { y, holds: [q, k, v, p, ...(slope ? [slope] : []), ...held(apartness)], back };
  }

  weights(): Weight[] {
    return this.parts.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
    this.options.rotary?.dispose();
  }

  private get parts() {
    const { query, key, value, output } = this.projections;
    const { queryNorm, keyNorm } = this.options;
    return [query, key, value, output, queryNorm, keyNorm].filter((part) => part !== undefined);
  }
}

/** Rows [B*N, H] on their heads: y [B, heads, N, D]. */
function project(
  rows: tf.Tensor2D,
  batch: number,
  linear: Linear,
  heads: number,
  norm?: Norm,
  turn?: { rotary: Rotary; positions: Positions },
): Projected {
  return tidyAround(() => {
    const flat = linear.apply(rows).y; // [B*N, heads * D]
    const { shape } = flat;
    const normal: Applied | undefined = norm?.apply(tf.reshape(flat, [-1, norm.width]));
    const apart: tf.Tensor4D = tf.reshape(normal?.y ?? flat, [batch, -1, heads, (shape[1] ?? 0) / heads]);
    const turned = turn ? turn.rotary.apply(apart, turn.positions) : apart; // [B, N, heads, D]
    const back = (dy: tf.Tensor4D) =>
      tf.tidy(() => {
        const d = tf.transpose<tf.Tensor4D>(dy, [0, 2, 1, 3]);
        const dApart = turn ? turn.rotary.back(d, turn.positions) : d;
        const dNormal = norm && normal?.back(tf.reshape(dApart, [-1, norm.width]));
        return linear.back(tf.reshape<tf.Rank.R2>(dNormal ?? dApart, shape));
      });
    return { y: tf.transpose<tf.Tensor4D>(turned, [0, 2, 1, 3]), holds: held(normal), back };
  });
}

/** [B*N, heads * D] to [B, heads, N, D]. */
function split(x: tf.Tensor2D, batch: number, heads: number): tf.Tensor4D {
  const apart: tf.Tensor4D = tf.reshape(x, [batch, -1, heads, x.shape[1] / heads]);
  return tf.transpose(apart, [0, 2, 1, 3]);
}

/** [B, heads, N, D] to [B*N, heads * D]. */
function merge(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, heads, rows, depth] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * rows, heads * depth]);
}
