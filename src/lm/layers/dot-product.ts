// Scaled dot-product attention (Vaswani et al. 2017): what each row that asks takes of the rows that it sees. Heads lie
// side by side in the rows, as linear layers leave them.
import * as tf from '@tensorflow/tfjs-core';
import { type Holding, held, tidyAround } from './applied.js';
import { fused } from './fused.js';
import type { RelativeScores } from './relative-positions.js';

/** Keys and values of the rows that can be attended to. K heads of width D. */
export type Memory = {
  /** [B, S, K * D] */
  k: tf.Tensor3D;
  /** [B, S, K * D] */
  v: tf.Tensor3D;
};

/** The gradients of what attention was made from, of the last rows of each sequence. */
export type AttentionGradient = Memory & {
  /** [B, Q, A * D] */
  q: tf.Tensor3D;
};

export interface DotProductOptions {
  /** Number of query heads (A); the heads of the memory are as wide, and A / K query heads read the same one. */
  heads: number;
  /** What scores are multiplied by. */
  scale: number;
  /** Added to the scores [B or 1, Q, S]. */
  hidden?: tf.Tensor3D | undefined;
  /** Scores s become cap * tanh(s / cap). */
  cap?: number | undefined;
  /** Further terms of the scores, from queries [B, A, Q, D] and keys [B, A, S, D]. */
  relative?: ((q: tf.Tensor4D, k: tf.Tensor4D) => RelativeScores) | undefined;
}

export interface Mixed extends Holding {
  /** [B, Q, A * D] */
  y: tf.Tensor3D;
  /** dL/dy to the gradients of the last `count` rows of k and v, and of q where so many ask. */
  back(dy: tf.Tensor3D, count: number): AttentionGradient;
}

/**
 * @param q of the last Q of the S rows in the memory [B, Q, A * D]
 * @param memory finds or makes it, again on the way back: where it is put together from parts, those are all to keep
 */
export function dotProductAttention(q: tf.Tensor3D, memory: () => Memory, options: DotProductOptions): Mixed {
  const { heads, scale, hidden, cap, relative } = options;
  const [y, p] = cap || relative ? [] : (fused('attend', { q, ...memory(), hidden }, { heads, scale }) ?? []);
  if (!y || !p) return inSteps(q, memory, options);
  const back = (dy: tf.Tensor3D, count: number): AttentionGradient => {
    const [dq, dk, dv] = fused('attendBack', { dy, q, ...memory(), p }, { heads, scale, count }) ?? [];
    return { q: dq as tf.Tensor3D, k: dk as tf.Tensor3D, v: dv as tf.Tensor3D };
  };
  return { y: y as tf.Tensor3D, holds: [q, p], back };
}

function inSteps(q: tf.Tensor3D, memory: () => Memory, options: DotProductOptions): Mixed {
  const { heads, scale, hidden, cap, relative } = options;
  const [batch, asking, width] = q.shape;
  const depth = width / heads;
  const parts = () => {
    const { k, v } = memory();
    return { k: onHeads(k, depth), v: onHeads(v, depth) };
  };
  const apart = (t: tf.Tensor): tf.Tensor4D => tf.reshape(t, [batch, heads, asking, depth]);

  return tidyAround(() => {
    const qs = onHeads(q, depth);
    const { k, v } = parts();
    const copies = heads / k.shape[1];
    // The query heads that read one head of the memory, one under the other: [B, K, A/K * Q, D].
    const grouped = (t: tf.Tensor): tf.Tensor4D => tf.reshape(t, [batch, -1, copies * asking, depth]);
    const further = relative && tidyAround(() => relative(qs, k));
    const { y, p, slope } = tf.tidy(() => {
      const content = tf.matMul(grouped(qs), k, false, true);
      const raw = tf.mul<tf.Tensor4D>(further ? tf.add(content, further.y) : content, scale); // [B, K, A/K * Q, S]
      const bent = cap ? tf.tanh(tf.div(raw, cap)) : undefined;
      const scores = cap && bent ? tf.mul<tf.Tensor4D>(bent, cap) : raw;
      const seen = hidden ? tf.add(scores, tf.tile(tf.expandDims(hidden, 1), [1, 1, copies, 1])) : scores;
      const p = tf.softmax(seen);
      const slope = bent && tf.sub<tf.Tensor4D>(1, tf.square(bent)); // of the cap
      return { y: sideBySide(apart(tf.matMul(p, v))), p, slope };
    });
    const back = (dy: tf.Tensor3D, count: number) =>
      tf.tidy((): AttentionGradient => {
        const { k, v } = parts();
        const dMixed = grouped(onHeads(dy, depth));
        const dp = tf.matMul(dMixed, v, false, true);
        const dScores = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true)));
        const ds = tf.mul<tf.Tensor4D>(slope ? tf.mul(dScores, slope) : dScores, scale);
        const beside = further?.back(ds);
        const dq = apart(tf.matMul(ds, k));
        const dk = tf.matMul<tf.Tensor4D>(ds, grouped(qs), true, false);
        const dv = tf.matMul<tf.Tensor4D>(p, dMixed, true, false);
        return {
          q: lastOnes(beside ? tf.add(dq, beside.q) : dq, count),
          k: lastOnes(beside ? tf.add(dk, beside.k) : dk, count),
          v: lastOnes(dv, count),
        };
      });
    return { y, holds: [qs, p, ...(slope ? [slope] : []), ...held(further)], back };
  });
}

/** [B, N, heads * D] to [B, heads, N, D]. */
function onHeads(x: tf.Tensor3D, depth: number): tf.Tensor4D {
  const [batch, rows, width] = x.shape;
  return tf.transpose(tf.reshape<tf.Rank.R4>(x, [batch, rows, width / depth, depth]), [0, 2, 1, 3]);
}

/** [B, heads, N, D] to [B, N, heads * D]. */
function sideBySide(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, rows, depth] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, rows, heads * depth]);
}

/** The last rows of [B, heads, N, D]: [B, at most so many, heads * D]. */
function lastOnes(x: tf.Tensor4D, count: number): tf.Tensor3D {
  const before = x.shape[2] - count;
  return sideBySide(before > 0 ? tf.slice(x, [0, 0, before, 0], [-1, -1, count, -1]) : x);
}
