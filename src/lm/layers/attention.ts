// Multi-head attention over sequences of one length (no padding, so no mask for it), cut where results can be kept.
import * as tf from '@tensorflow/tfjs-core';
import { lastPositions, type Positions } from '../positions.js';
import { type Holding, held, tidyAround } from './applied.js';
import { type AttentionGradient, dotProductAttention, type Memory } from './dot-product.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { RelativePositions } from './relative-positions.js';
import type { Rotary } from './rotary.js';
import { hiding, type Visible } from './visible.js';
import type { Weight } from './weight.js';

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
  /** Number of query heads (A); as wide as they are, the heads of keys and values can be fewer. */
  heads: number;
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

/** A projection, with the way back to the rows [B*N, H]. */
interface Projected extends Holding {
  /** [B, N, heads * D] */
  y: tf.Tensor3D;
  back(dy: tf.Tensor3D): tf.Tensor2D;
}

export class Attention {
  constructor(
    private readonly projections: Projections,
    private readonly options: AttentionOptions,
  ) {}

  /** How many numbers it keeps of a sequence of S rows of which Q are computed, and ask. */
  kept(asking: number, rows: number): number {
    const { heads, queryNorm, keyNorm, cap, rotary } = this.options;
    const width = this.projections.query.outputs; // A * D
    const memoryWidth = this.projections.key.outputs; // K * D
    const turns = rotary ? (4 * width) / heads : 0; // sines and cosines, of queries and keys
    const norms = (queryNorm ? width : 0) + (keyNorm ? memoryWidth : 0);
    return asking * (width + 2 * memoryWidth + turns + norms + heads * rows * (cap ? 2 : 1));
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
    const k = project(rows, batch, key, keyNorm, rotary && { rotary, positions });
    const v = project(rows, batch, value);
    const back = (d: Memory) => tf.tidy(() => tf.add<tf.Tensor2D>(k.back(d.k), v.back(d.v)));
    return { memory: { k: k.y, v: v.y }, holds: [k.y, v.y, ...held(k, v)], back };
  }

  /** Queries of rows [B*Q, H]: y [B, Q, A * D]. @param positions of the Q rows */
  query(rows: tf.Tensor2D, batch: number, positions: Positions): Projected {
    const { queryNorm, rotary } = this.options;
    return project(rows, batch, this.projections.query, queryNorm, rotary && { rotary, positions });
  }

  /**
   * What each asking row takes from the memory, through the output layer.
   * @param q of the last Q of the S rows in `memory` [B, Q, A * D]
   * @param memory as `dotProductAttention` takes it
   * @param positions of the S rows
   * @returns y [B*Q, H]; back to the gradients of the last `count` rows
   */
  attend(
    q: tf.Tensor3D,
    memory: () => Memory,
    positions: Positions,
  ): Holding & { y: tf.Tensor2D; back(dy: tf.Tensor2D, count: number): AttentionGradient } {
    const [, asking, width] = q.shape;
    const { heads, visible, cap, relative, scale = 1 / Math.sqrt(width / heads) } = this.options;
    const { output } = this.projections;
    const terms =
      relative && ((qs: tf.Tensor4D, k: tf.Tensor4D) => relative.apply(qs, k, positions, this.projections));
    return tidyAround(() => {
      const hidden = visible && hiding(visible, lastPositions(positions, asking), positions);
      const mixed = dotProductAttention(q, memory, { heads, scale, hidden, cap, relative: terms });
      const back = (dy: tf.Tensor2D, count: number) =>
        tf.tidy(() => mixed.back(tf.reshape(output.back(dy), q.shape), count));
      return { y: output.apply(tf.reshape(mixed.y, [-1, width])).y, holds: mixed.holds, back };
    });
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

/** Rows [B*N, H] through a linear layer: y [B, N, heads * D]. */
function project(
  rows: tf.Tensor2D,
  batch: number,
  linear: Linear,
  norm?: Norm,
  turn?: { rotary: Rotary; positions: Positions },
): Projected {
  return tidyAround(() => {
    const flat = linear.apply(rows).y; // [B*N, heads * D]
    const { shape } = flat;
    const normal = norm?.apply(tf.reshape(flat, [-1, norm.width]));
    const level: tf.Tensor2D = normal ? tf.reshape(normal.y, shape) : flat;
    const turned = turn?.rotary.apply(level, turn.positions);
    const back = (dy: tf.Tensor3D) =>
      tf.tidy(() => {
        const d: tf.Tensor2D = tf.reshape(dy, shape);
        const dLevel = turned?.back(d) ?? d;
        const dNormal = norm && normal?.back(tf.reshape(dLevel, [-1, norm.width]));
        return linear.back(dNormal ? tf.reshape(dNormal, shape) : dLevel);
      });
    const y: tf.Tensor3D = tf.reshape(turned?.y ?? level, [batch, -1, shape[1]]);
    return { y, holds: held(normal, turned), back };
  });
}
