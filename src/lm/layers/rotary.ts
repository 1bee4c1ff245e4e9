// Rotary positions (Su et al. 2021, "RoFormer"): pairs of a head's dimensions turn by an angle that grows with the position.
import * as tf from '@tensorflow/tfjs-core';
import type { Positions } from '../positions.js';
import type { Applied } from './applied.js';
import { fused } from './fused.js';

/** Which dimensions make a pair: k and k + r/2 of the r that turn, or 2k and 2k + 1. */
export type RotaryLayout = 'half' | 'interleaved';

export class Rotary {
  /** x times it is each dimension's partner in its pair, with the sign of the sine; 0 where nothing turns [D, D]. */
  private readonly partners: tf.Tensor2D;
  /** Cosine and sine [D] of a position. */
  private readonly turns = new Map<number, { cosine: Float32Array; sine: Float32Array }>();

  /**
   * @param width D of a head; its first 2 * frequencies.length dimensions turn, the rest passes
   * @param frequencies angle per position, pair by pair, in radians
   */
  constructor(
    private readonly width: number,
    private readonly frequencies: readonly number[],
    private readonly layout: RotaryLayout = 'half',
  ) {
    const matrix = new Float32Array(width * width);
    frequencies.forEach((_, pair) => {
      const [first, second] = this.pair(pair);
      matrix[second * width + first] = -1;
      matrix[first * width + second] = 1;
    });
    this.partners = tf.keep(tf.tensor2d(matrix, [width, width]));
  }

  /** x [B*N, A * D], the rows of sequences at some positions, turned. */
  apply(x: tf.Tensor2D, positions: Positions): Applied {
    const { width } = this;
    const { cosine, sine } = this.anglesAt(positions);
    const [step, gap] = this.layout === 'half' ? [1, this.frequencies.length] : [2, 1];
    const attributes = { pairs: this.frequencies.length, step, gap };
    const inSteps = (own: tf.Tensor2D, back: boolean) => {
      const apart = tf.reshape(own, [-1, cosine.shape[0], own.shape[1] / width, width]); // [., P*N, A, D]
      const [c, s] = [tf.expandDims(cosine, 1), tf.expandDims(sine, 1)];
      const across = back ? this.times(tf.mul(apart, s), true) : tf.mul(this.times(apart, false), s);
      return [tf.reshape<tf.Rank.R2>(tf.add(tf.mul(apart, c), across), own.shape)];
    };
    const turned = (own: tf.Tensor2D, back: boolean) => {
      const [y] =
        fused('turn', { x: own, cosine, sine }, { ...attributes, back }) ?? tf.tidy(() => inSteps(own, back));
      return y as tf.Tensor2D;
    };
    return { y: turned(x, false), holds: [cosine, sine], back: (dy) => turned(dy, true) };
  }

  dispose(): void {
    this.partners.dispose();
  }

  private pair(k: number): [first: number, second: number] {
    return this.layout === 'half' ? [k, k + this.frequencies.length] : [2 * k, 2 * k + 1];
  }

  private times(x: tf.Tensor, transposed: boolean): tf.Tensor {
    const flat = tf.reshape<tf.Rank.R2>(x, [-1, this.width]);
    return tf.reshape(tf.matMul(flat, this.partners, false, transposed), x.shape);
  }

  /** Dimension by dimension, both [B*N, D], or [N, D] where all sequences have the same positions. */
  private anglesAt(positions: Positions): { cosine: tf.Tensor2D; sine: tf.Tensor2D } {
    const { width } = this;
    const all = positions.flat();
    const cosine = new Float32Array(all.length * width);
    const sine = new Float32Array(all.length * width);
    all.forEach((position, row) => {
      const turn = this.turnAt(position);
      cosine.set(turn.cosine, row * width);
      sine.set(turn.sine, row * width);
    });
    const shape: [number, number] = [all.length, width];
    return { cosine: tf.tensor2d(cosine, shape), sine: tf.tensor2d(sine, shape) };
  }

  private turnAt(position: number) {
    const known = this.turns.get(position);
    if (known) return known;
    const turn = { cosine: new Float32Array(this.width).fill(1), sine: new Float32Array(this.width) };
    this.frequencies.forEach((frequency, k) => {
      for (const at of this.pair(k)) {
        turn.cosine[at] = Math.cos(position * frequency);
        turn.sine[at] = Math.sin(position * frequency);
      }
    });
    this.turns.set(position, turn);
    return turn;
  }
}
