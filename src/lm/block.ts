// One transformer block, cut at the places where knowledge is located and edited, and where results can be kept.
import * as tf from '@tensorflow/tfjs-core';
import { type Applied, type Holding, held } from './layers/applied.js';
import type { Attention } from './layers/attention.js';
import type { Memory } from './layers/dot-product.js';
import type { Linear } from './layers/linear.js';
import type { Weight } from './layers/weight.js';
import { inOrder, lastPositions, type Positions } from './positions.js';
import { lastRows, otherRows, pick, withLast } from './rows.js';

/**
 * A block is a chain: hidden -> attentionInput -> attention -> joinAttention -> x -> preActivation -> z (and up)
 * -> activate -> a -> value -> u -> merge(x, u). Everything but attention works row by row.
 * Where normalisation stands is each kind of block's own affair, inside `attentionInput`, `joinAttention`,
 * `preActivation` and `merge`. R is the number of rows, H the hidden width, F the number of neurons.
 */
export interface Block {
  /** The FFN reads what attention reads, not what attention made of it: both add to the same stream. */
  readonly parallel: boolean;
  /** A norm acts on the FFN's output alone, before it is added to the stream. */
  readonly normsOutput: boolean;
  /** What attention sees of the residual stream [R, H]. */
  attentionInput(hidden: tf.Tensor2D): Applied;
  readonly attention: Attention;
  /** The residual stream after attention, x [R, H], from the stream before it and what attention gave. */
  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined;
  /** What the FFN reads [R, H] (x, in a parallel block the stream before attention) to its neurons' inputs. */
  preActivation(reads: tf.Tensor2D): PreActivation;
  /** The neurons' inputs, of all of them or of some columns, to the activation a [R, F]. */
  activate(inputs: NeuronInputs): Activated;
  /** a [R, F] to the FFN's output u [R, H]. Row i of its matrix [F, H] is the value vector of neuron i. */
  readonly value: Linear;
  /**
   * The block's output from the residual stream x and the FFN's output u, both [R, H].
   * @param heldAt a norm on u alone keeps the root mean square that it has at this output [R, H], whatever u is
   */
  merge(x: tf.Tensor2D, u: tf.Tensor2D, heldAt?: tf.Tensor2D): Joined;
  /** Every weight of the block, always in the same order. */
  weights(): Weight[];
  dispose(): void;
}

/** What activations are made from. */
export type NeuronInputs = {
  /** The row before the non-linearity [R, F]. */
  z: tf.Tensor2D;
  /** What a gated FFN multiplies the result with [R, F]. */
  up?: tf.Tensor2D | undefined;
};

export interface PreActivation extends Holding {
  inputs: NeuronInputs;
  /** dL/dz and dL/dup to the gradient of what the FFN reads [R, H]. */
  back(d: NeuronInputs): tf.Tensor2D;
}

export interface Activated extends Holding {
  /** a [R, F] */
  y: tf.Tensor2D;
  /** dL/da to dL/dz and dL/dup. */
  back(dy: tf.Tensor2D): NeuronInputs;
}

/** Where a branch (attention, FFN) comes back to the residual stream. */
export interface Joined extends Holding {
  /** [R, H] */
  y: tf.Tensor2D;
  /** dL/dy to the gradients of stream and branch, all [R, H]. */
  back(dy: tf.Tensor2D): { stream: tf.Tensor2D; branch: tf.Tensor2D };
}

/** What the rows before the target row bring to a block: it stays the same while only the target row changes. */
export type Others = {
  memory: Memory;
  /** Absent where only the target row asks. */
  asking?:
    | {
        /** The residual stream [B, S-1, H]. */
        hidden: tf.Tensor3D;
        /** [B, S-1, A * D] */
        q: tf.Tensor3D;
      }
    | undefined;
};

/** The rows before those of some sequences, each of which is a version of a prompt. */
export interface Before {
  others: Others;
  /** The number of each one's prompt in them [B]. */
  prompts: readonly number[];
}

export interface AttendOptions {
  /** Only the last row of each sequence asks, and comes out. */
  lastOnly?: boolean | undefined;
  /** The rows before those given. They ask too, where they can, and then come out too. */
  before?: Before | undefined;
  /** Of all rows, those before included; in the order of the text unless given. */
  positions?: Positions | undefined;
}

/** The gradients of a block's rows between attention and FFN. */
export interface MiddleGradient {
  /** Of the residual stream after attention [R, H]. */
  x: tf.Tensor2D;
  /** Of what the FFN reads [R, H], where that is not x itself. */
  reads?: tf.Tensor2D | undefined;
}

/** A block's rows between attention and FFN, those that asked [B*Q, H]. */
export interface Middle {
  /** The residual stream after attention. */
  x: tf.Tensor2D;
  /** What the FFN reads. */
  reads: tf.Tensor2D;
}

export interface Attended extends Middle, Holding {
  /** Queries of the rows that asked [B, Q, A * D]. */
  q: tf.Tensor3D;
  /** Keys and values of the rows that were computed. */
  memory: Memory;
  /** To the gradient of the rows that were computed. */
  back(d: MiddleGradient): tf.Tensor2D;
}

/**
 * The first half of a block.
 * @param hidden the rows that are computed [B*C, H], the last C of each sequence; the gradient goes to them alone
 */
export function attend(
  block: Block,
  hidden: tf.Tensor2D,
  batch: number,
  { lastOnly = false, before, positions }: AttendOptions = {},
): Attended {
  const { attention, parallel } = block;
  const count = hidden.shape[0] / batch;
  const places = positions ?? inOrder(count + (before?.others.memory.k.shape[1] ?? 0));
  const input = block.attentionInput(hidden);
  const own = attention.memory(input.y, batch, lastPositions(places, count));
  const memory = () => (before ? joinMemory(before, own.memory) : own.memory);

  const pick = lastOnly ? lastRows : allRows;
  const asking = pick(input.y, batch);
  const query = attention.query(asking.y, batch, lastPositions(places, lastOnly ? 1 : count));
  const beside = lastOnly ? undefined : before && askingIn(before);
  const q = beside ? behind(beside.q, query.y) : query.y;
  const last = pick(hidden, batch);
  const stream = beside ? withLast(beside.hidden, last.y) : last.y;

  const attended = attention.attend(q, memory, places);
  const joined = block.joinAttention(stream, attended.y);
  const back = ({ x, reads }: MiddleGradient) =>
    tf.tidy(() => {
      const d = joined.back(x);
      const dAttended = attended.back(d.branch, count);
      const dInput = tf.add<tf.Tensor2D>(own.back(dAttended), asking.back(query.back(dAttended.q)));
      const dStream = reads ? tf.add<tf.Tensor2D>(d.stream, reads) : d.stream;
      const dLast = beside ? lastRows(dStream, batch).y : dStream;
      return tf.add<tf.Tensor2D>(last.back(dLast), input.back(dInput));
    });
  const holds = held(input, own, query, attended, joined);
  return { x: joined.y, reads: parallel ? stream : joined.y, q, memory: own.memory, holds, back };
}

/** A function of the intermediate activation [R, F], used where a what-if changes it. */
export type ActivationChange = (a: tf.Tensor2D) => tf.Tensor2D;

export interface FeedForward extends Holding {
  /** The block's output [R, H]. */
  y: tf.Tensor2D;
  inputs: NeuronInputs;
  /** [R, H] */
  u: tf.Tensor2D;
  back(dy: tf.Tensor2D): MiddleGradient;
}

/** The second half of a block. */
export function feedForward(block: Block, { x, reads }: Middle, change?: ActivationChange): FeedForward {
  const pre = block.preActivation(reads);
  const active = block.activate(pre.inputs);
  const value = block.value.apply(change ? change(active.y) : active.y);
  const merged = block.merge(x, value.y);
  const back = (dy: tf.Tensor2D) =>
    tf.tidy((): tf.NamedTensorMap & MiddleGradient => {
      const d = merged.back(dy);
      const dReads = pre.back(active.back(value.back(d.branch)));
      return block.parallel ? { x: d.stream, reads: dReads } : { x: tf.add(d.stream, dReads) };
    });
  const holds = held(pre, active, merged);
  return { y: merged.y, inputs: pre.inputs, u: value.y, holds, back };
}

/** The first rows of a whole batch of prompts [B*S, H] in the state that `Others` describes; q only if they ask. */
export function othersOf(
  hidden: tf.Tensor2D,
  { q, memory }: Attended,
  batch: number,
  asking: boolean,
): Others {
  const shared = { k: head(memory.k), v: head(memory.v) };
  if (!asking) return { memory: shared };
  return { memory: shared, asking: { hidden: otherRows(hidden, batch), q: head(q) } };
}

/** Keys and values of all rows, those before each sequence and its own. */
function joinMemory({ others: { memory }, prompts }: Before, own: Memory): Memory {
  return tf.tidy(() => ({
    k: behind(pick(memory.k, prompts), own.k),
    v: behind(pick(memory.v, prompts), own.v),
  }));
}

/** What asks besides, where it can. */
function askingIn({ others: { asking }, prompts }: Before): Others['asking'] {
  return asking && { hidden: pick(asking.hidden, prompts), q: pick(asking.q, prompts) };
}

function allRows(x: tf.Tensor2D): Applied {
  return { y: x, back: (dy) => dy };
}

/** [B, S-C, W] and behind it [B, C, W]. */
function behind(others: tf.Tensor3D, own: tf.Tensor3D): tf.Tensor3D {
  return tf.concat([others, own], 1);
}

/** All rows but the last of [B, S, W]. */
function head(t: tf.Tensor3D): tf.Tensor3D {
  const [batch, length, width] = t.shape;
  return tf.slice(t, 0, [batch, length - 1, width]);
}
