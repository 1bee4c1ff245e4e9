// Multi-head attention over sequences of one length (no padding, so no mask for it), cut where results can be kept.
import * as tf from '@tensorflow/tfjs-core';
import type { Holding } from './applied.js';
import type { Linear } from './linear.js';
import type { Weight } from './weight.js';

/** Keys and values of the rows that can be attended to. A heads, D = H / A. */
export type Memory = {
  /** [B, A, S, D] */
  k: tf.Tensor4D;
  /** [B, A, S, D] */
  v: tf.Tensor4D;
};

/** The gradients of what attention was made from. */
export type AttentionGradient = Memory & {
  /** [B, A, Q, D] */
  q: tf.Tensor4D;
};

export interface AttentionOptions {
  /** A row sees itself and the rows before it. */
  causal?: boolean;
  /** Of those, how many it sees at most, itself included; all unless given. */
  window?: number | undefined;
  /** What scores are multiplied by; 1 / sqrt(D) unless given. */
  scale?: number | undefined;
}

export class Attention {
  constructor(
    private readonly q: Linear,
    private readonly k: Linear,
    private readonly v: Linear,
    private readonly o: Linear,
    readonly heads: number,
    private readonly options: AttentionOptions = {},
  ) {}

  /** Keys and values of rows [B*S, H]; they depend on each row alone. */
  memory(rows: tf.Tensor2D, batch: number): { memory: Memory; back(d: Memory): tf.Tensor2D } {
    const project = (linear: Linear) => tf.tidy(() => this.split(linear.apply(rows).y, batch));
    const back = (d: Memory) =>
      tf.tidy(() => tf.add<tf.Tensor2D>(this.k.back(this.merge(d.k)), this.v.back(this.merge(d.v))));
    return { memory: { k: project(this.k), v: project(this.v) }, back };
  }

  /** Queries of rows [B*Q, H]: [B, A, Q, D]. */
  query(rows: tf.Tensor2D, batch: number): { q: tf.Tensor4D; back(dq: tf.Tensor4D): tf.Tensor2D } {
    return {
      q: tf.tidy(() => this.split(this.q.apply(rows).y, batch)),
      back: (dq) => tf.tidy(() => this.q.back(this.merge(dq))),
    };
  }

  /**
   * What each asking row takes from the memory, through the output layer.
   * @param q of the last Q of the S rows in `memory` [B, A, Q, D]
   * @returns y [B*Q, H]
   */
  attend(
    q: tf.Tensor4D,
    { k, v }: Memory,
  ): Holding & { y: tf.Tensor2D; back(dy: tf.Tensor2D): AttentionGradient } {
    const [batch, , asking, depth] = q.shape;
    const { causal = false, window = Number.POSITIVE_INFINITY, scale = 1 / Math.sqrt(depth) } = this.options;
    const length = k.shape[2];
    const hides = causal && (asking > 1 || length > window);
    const { p, y } = tf.tidy(() => {
      const scores = tf.mul<tf.Tensor4D>(tf.matMul(q, k, false, true), scale); // [B, A, Q, S]
      const p = tf.softmax(hides ? tf.add(scores, hidden(asking, length, window)) : scores);
      return { p, y: this.o.apply(this.merge(tf.matMul(p, v))).y };
    });
    const back = (dy: tf.Tensor2D) =>
      tf.tidy((): AttentionGradient => {
        const dMixed = this.split(this.o.back(dy), batch); // [B, A, Q, D]
        const dp = tf.matMul(dMixed, v, false, true);
        const ds = tf.mul(tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true))), scale);
        return {
          q: tf.matMul(ds, k) as tf.Tensor4D,
          k: tf.matMul(ds, q, true, false) as tf.Tensor4D,
          v: tf.matMul(p, dMixed, true, false) as tf.Tensor4D,
        };
      });
    return { y, holds: [q, k, v, p], back };
  }

  weights(): Weight[] {
    return [this.q, this.k, this.v, this.o].flatMap((linear) => linear.weights());
  }

  dispose(): void {
    for (const linear of [this.q, this.k, this.v, this.o]) linear.dispose();
  }

  /** [B*N, H] to [B, A, N, D]. */
  private split(x: tf.Tensor2D, batch: number): tf.Tensor4D {
    const [rows, width] = x.shape;
    const parts = tf.reshape(x, [batch, rows / batch, this.heads, width / this.heads]);
    return tf.transpose<tf.Tensor4D>(parts as tf.Tensor4D, [0, 2, 1, 3]);
  }

  /** [B, A, N, D] to [B*N, H]. */
  private merge(x: tf.Tensor): tf.Tensor2D {
    const [batch = 1, heads = 1, rows = 1, depth = 1] = x.shape;
    return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * rows, heads * depth]);
  }
}

/** Added to the scores of the last Q of S rows [Q, S]: hides what comes after each of them, or before its window. */
function hidden(asking: number, length: number, window: number): tf.Tensor2D {
  const first = length - asking;
  const rows = Array.from({ length: asking }, (_, i) => {
    const own = first + i;
    return Array.from({ length }, (_, j) => (j > own || j <= own - window ? Number.NEGATIVE_INFINITY : 0));
  });
  return tf.tensor2d(rows);
}
