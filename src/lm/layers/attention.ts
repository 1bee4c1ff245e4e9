// Multi-head attention, bidirectional, over sequences of one length (no padding, so no mask).
import * as tf from '@tensorflow/tfjs-core';
import type { Linear } from './linear.js';
import type { Weight } from './weight.js';

/** What attending leaves behind; the gradient goes to the queries' rows and to the attended rows separately. */
export interface Attended {
  /** [B*Q, H] */
  y: tf.Tensor2D;
  back(dy: tf.Tensor2D): { query: tf.Tensor2D; hidden: tf.Tensor2D };
}

export class Attention {
  constructor(
    private readonly q: Linear,
    private readonly k: Linear,
    private readonly v: Linear,
    private readonly o: Linear,
    private readonly heads: number,
  ) {}

  /**
   * @param query rows that ask [B*Q, H]
   * @param hidden rows that are attended to [B*S, H]
   * @param batch B
   */
  apply(query: tf.Tensor2D, hidden: tf.Tensor2D, batch: number): Attended {
    const scale = 1 / Math.sqrt((hidden.shape[1] ?? 0) / this.heads);
    const q = this.split(tf.mul<tf.Tensor2D>(this.q.apply(query).y, scale), batch); // [B, A, Q, D]
    const k = this.split(this.k.apply(hidden).y, batch); // [B, A, S, D]
    const v = this.split(this.v.apply(hidden).y, batch);
    const p = tf.softmax(tf.matMul(q, k, false, true)); // [B, A, Q, S]
    const out = this.o.apply(this.merge(tf.matMul(p, v)));

    const back = (dy: tf.Tensor2D) => {
      const dMixed = this.split(out.back(dy), batch); // [B, A, Q, D]
      const dv = tf.matMul(p, dMixed, true, false);
      const dp = tf.matMul(dMixed, v, false, true);
      const ds = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true)));
      const dq = tf.mul<tf.Tensor2D>(this.merge(tf.matMul(ds, k)), scale);
      const dk = this.merge(tf.matMul(ds, q, true, false));
      return {
        query: this.q.back(dq),
        hidden: tf.add<tf.Tensor2D>(this.k.back(dk), this.v.back(this.merge(dv))),
      };
    };
    return { y: out.y, back };
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
