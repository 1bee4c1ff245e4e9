// One transformer block, cut at the places where knowledge is located and edited.
import * as tf from '@tensorflow/tfjs-core';
import type { Applied } from './layers/applied.js';
import type { Linear } from './layers/linear.js';
import type { Weight } from './layers/weight.js';
import { gather, type Rows, scatter } from './rows.js';

/**
 * A block is a chain: hidden -> attend -> x -> preActivation -> z -> activate -> a -> value -> u -> merge(x, u).
 * Where layer normalisation stands is each family's own affair, inside `attend`, `preActivation` and `merge`.
 * R is the number of rows, H the hidden width, F the number of neurons.
 */
export interface Block {
  /**
   * The residual stream after attention. All rows of `hidden` [B*S, H] are attended to; with `rows`, only those
   * rows ask and come out.
   */
  attend(hidden: tf.Tensor2D, batch: number, rows?: Rows): Applied;
  /** x [R, H] to z [R, F]. */
  preActivation(x: tf.Tensor2D): Applied;
  /** z [R, F] to a [R, F]. */
  activate(z: tf.Tensor2D): Applied;
  /** a [R, F] to the FFN's output u [R, H]. Row i of its matrix [F, H] is the value vector of neuron i. */
  readonly value: Linear;
  /** The block's output from the residual stream x and the FFN's output u, both [R, H]. */
  merge(x: tf.Tensor2D, u: tf.Tensor2D): Merged;
  /** Every weight of the block, always in the same order. */
  weights(): Weight[];
  dispose(): void;
}

export interface Merged {
  /** [R, H] */
  y: tf.Tensor2D;
  /** dL/dy to dL/dx and dL/du, all [R, H]. */
  back(dy: tf.Tensor2D): { x: tf.Tensor2D; u: tf.Tensor2D };
}

/** What one block leaves behind; `x` and `z` are the intermediate values of the rows that came out. */
export interface BlockApplied extends Applied {
  x: tf.Tensor2D;
  z: tf.Tensor2D;
}

/** A function of the intermediate activation [R, F], used where a what-if changes it. */
export type ActivationChange = (a: tf.Tensor2D) => tf.Tensor2D;

/** Runs a whole block: hidden [B*S, H] to [B*S, H], or to the chosen rows [B, H]. */
export function applyBlock(
  block: Block,
  hidden: tf.Tensor2D,
  batch: number,
  rows?: Rows,
  change?: ActivationChange,
): BlockApplied {
  const attended = block.attend(hidden, batch, rows);
  const pre = block.preActivation(attended.y);
  const active = block.activate(pre.y);
  const value = block.value.apply(change ? change(active.y) : active.y);
  const merged = block.merge(attended.y, value.y);
  const back = (dy: tf.Tensor2D) => {
    const d = merged.back(dy);
    return attended.back(tf.add(d.x, pre.back(active.back(value.back(d.u)))));
  };
  return { y: merged.y, x: attended.y, z: pre.y, back };
}

/** The rows that ask in attention, and how their gradient finds its way back into the whole. */
export function askingRows(hidden: tf.Tensor2D, rows?: Rows): Applied {
  if (!rows) return { y: hidden, back: (dy) => dy };
  return { y: gather(hidden, rows), back: (dy) => scatter(dy, rows) };
}
