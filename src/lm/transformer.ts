// Running a network: a whole forward pass that keeps what later steps need, and the suffix that a change replays.
import * as tf from '@tensorflow/tfjs-core';
import {
  type ActivationChange,
  attend,
  type Block,
  feedForward,
  type Joined,
  type Middle,
  type MiddleGradient,
  type NeuronInputs,
  type Others,
  othersOf,
} from './block.js';
import { type Applied, type Holding, held, tidyAround } from './layers/applied.js';
import type { Matrix } from './layers/matrix.js';
import type { Weight } from './layers/weight.js';
import { inOrder, type Positions, pickPositions, targetBehind } from './positions.js';
import type { Sequence } from './prompt.js';
import { lastRows, otherRows, pick, stack, withLast } from './rows.js';

/** What a family file builds: embeddings, blocks and head. Tensor arguments and results belong to the caller's tidy. */
export interface Network {
  /** Rows see only those before them, so a change of the last row leaves all others as they are, in every block. */
  readonly causal: boolean;
  readonly blocks: readonly Block[];
  /**
   * E [V, P]: the word embeddings, or the output's own embeddings where the two are not tied. Their width P is H but in
   * families whose embeddings have a width of their own.
   */
  readonly words: Matrix;
  /** ids [B, S] to the first block's input [B*S, H]. */
  embed(ids: Ids): tf.Tensor2D;
  /** Rows [R, H] of the last block to logits [R, V]. */
  head(x: tf.Tensor2D): Applied;
  /** Embeddings [R, P] pulled back through the head's transform, to where the last block writes: [R, H] (direction `readout`). */
  readout(embedding: tf.Tensor2D): tf.Tensor2D;
  /** Vectors of the stream [R, H] as wide as the embeddings [R, P]: themselves, or through the head's linear layer. */
  toEmbeddingWidth(x: tf.Tensor2D): tf.Tensor2D;
  /** Every weight, always in the same order; weights that are tied may come as one, or with the same tensor twice. */
  weights(): Weight[];
  dispose(): void;
}

/** Tokens of prompts of one length [B, S]. */
export type Ids = readonly (readonly number[])[];

/** S */
export function lengthOf(ids: Ids): number {
  return ids[0]?.length ?? 0;
}

/** What one forward pass over a batch of equally long prompts leaves behind. Free it with `tf.dispose`. */
export type Trace = {
  /** Prompts in the batch (B). */
  batch: number;
  /** Tokens of each (S). */
  length: number;
  /** Where the rows stand: in a bidirectional network the target row lies behind the others. */
  positions: Positions;
  /** Residual stream after attention, at the target rows of each block [B, H]. */
  x: tf.Tensor2D[];
  /** What the neurons' activations are made from, at the target rows of each block [B, F]. */
  inputs: NeuronInputs[];
  /** The FFN's output at the target rows of each block [B, H]. */
  u: tf.Tensor2D[];
  /** What the other rows bring to each block; none in prompts of one token. */
  others: (Others | undefined)[];
  /** At the target rows [B, V]. */
  logits: tf.Tensor2D;
};

/** A change of the activation at the target rows of one layer (a what-if; never stored). */
export interface TargetChange {
  layer: number;
  change: ActivationChange;
}

/**
 * Runs prompts of one length through the network. The last block and the head see the target rows only.
 * @param whatIf changes of activations at the target rows, per layer
 * @throws RangeError when a causal network is asked elsewhere than at the last token
 */
export function trace(
  network: Network,
  prompts: readonly Sequence[],
  whatIf: readonly TargetChange[] = [],
): Trace {
  const { blocks, causal } = network;
  const batch = prompts.length;
  const length = prompts[0]?.ids.length ?? 0;
  if (causal && prompts.some(({ position }) => position !== length - 1)) {
    throw new RangeError('a causal model is asked at the last token');
  }
  const positions = positionsOf(network, prompts, length);
  return tf.tidy(() => {
    let hidden = embedRows(network, prompts, positions); // [B*S, H]
    const x: tf.Tensor2D[] = [];
    const inputs: NeuronInputs[] = [];
    const u: tf.Tensor2D[] = [];
    const others: (Others | undefined)[] = [];
    blocks.forEach((block, layer) => {
      const lastOnly = layer === blocks.length - 1;
      const change = whatIf.find((one) => one.layer === layer)?.change;
      const kept = tf.tidy(() => {
        const attended = attend(block, hidden, batch, { lastOnly, positions });
        const targetOnly = lastOnly || length === 1;
        const step = feedForward(block, attended, change && !targetOnly ? onTargets(change, batch) : change);
        const atTargets = (rows: tf.Tensor2D) => (lastOnly ? rows : lastRows(rows, batch).y);
        const { z, up } = step.inputs;
        return {
          y: step.y,
          x: atTargets(attended.x),
          inputs: { z: atTargets(z), up: up && atTargets(up) },
          u: atTargets(step.u),
          others: length > 1 ? othersOf(hidden, attended, batch, !causal && !lastOnly) : undefined,
        };
      });
      x.push(kept.x);
      inputs.push(kept.inputs);
      u.push(kept.u);
      others.push(kept.others);
      hidden = kept.y;
    });
    return { batch, length, positions, x, inputs, u, others, logits: network.head(hidden).y };
  });
}

/** Where the rows of prompts stand: in a bidirectional network the target row lies behind the others. */
export function positionsOf({ causal }: Network, prompts: readonly Sequence[], length: number): Positions {
  if (causal) return inOrder(length);
  return targetBehind(
    prompts.map(({ position }) => position),
    length,
  );
}

/** The first block's input [B*S, H], with the rows of each prompt where `positions` say. */
export function embedRows(network: Network, prompts: readonly Sequence[], positions: Positions): tf.Tensor2D {
  const ids = prompts.map((prompt) => prompt.ids);
  const embedded = network.embed(ids);
  if (network.causal) return embedded;
  const length = lengthOf(ids);
  const order = prompts.flatMap((_, b) => (positions[b] ?? positions[0] ?? []).map((i) => b * length + i));
  return tf.gather(embedded, tf.tensor1d(order, 'int32'));
}

/** Restricts a change to the target rows where all rows are present. */
function onTargets(change: ActivationChange, batch: number): ActivationChange {
  return (a) => withLast(otherRows(a, batch), change(lastRows(a, batch).y));
}

/** Versions of the traced prompts in which the FFN's output at the target rows of a layer is another one. */
export interface Versions {
  layer: number;
  /** One row per version [N, H]. */
  u: tf.Tensor2D;
  /** A norm on the FFN's output alone keeps the root mean square that it has in the trace (path `frozen-norm`). */
  frozenNorm?: boolean | undefined;
  /** The traced prompt that each is a version of [N]; by default the prompts in turn. */
  prompts?: readonly number[] | undefined;
}

/**
 * Replays what follows when the FFN's output at the target rows becomes another one, in one layer or in several at
 * once (versions that start lower down run along with those that start above). Nothing is run again that the change
 * cannot reach: not the layers below; of the layer itself, one row; in the layer above, queries, keys and values of
 * one row, and in a causal network never more than one row; in the last block, the target rows. Call inside `tf.tidy`.
 * @param starts in ascending order of layers
 * @returns what the head gets at the target rows [sum of N, H], in the order of `starts`, and the way back to dL/du of each
 */
export function suffixes(
  network: Network,
  from: Trace,
  starts: readonly Versions[],
): { y: tf.Tensor2D; back(dy: tf.Tensor2D): tf.Tensor2D[] } {
  const gradients: tf.Tensor2D[] = [];
  const backs: ((d: Rows) => Rows)[] = [];
  let front: Front = { prompts: [] };
  for (let layer = starts[0]?.layer ?? 0; layer < network.blocks.length; layer++) {
    const below = front;
    const above =
      below.all || below.target ? tidyAround(() => climb(network, from, layer, below)) : undefined;
    tf.dispose([below.all, below.target]);
    const started = starts.find((one) => one.layer === layer);
    const prompts = started ? promptsOf(started, from.batch) : [];
    const merged = started && mergeVersions(network, from, started, prompts);
    const met = allRowsChange(network, from, layer) ? undefined : stack(present(above?.y, merged?.y));
    front = {
      ...(met ? { target: met.y } : { all: above?.y, target: merged?.y }),
      prompts: [...front.prompts, ...prompts],
    };
    backs.push((d) => {
      const parts = met && d.target ? met.back(d.target) : present(d.all, d.target);
      const own = merged && parts.pop();
      if (own) gradients.unshift(merged.back(own).branch);
      const rest = parts.pop();
      return above && rest ? above.back(rest) : {};
    });
  }
  if (!front.target) throw new RangeError('no layer to start from');
  const back = (dy: tf.Tensor2D) => {
    backs.reduceRight<Rows>((d, step) => step(d), { target: dy });
    return gradients;
  };
  return { y: front.target, back };
}

/**
 * The activation of a higher layer at the target rows when the FFN's output at the target rows of a lower one becomes
 * another one. Call inside `tf.tidy`.
 * @returns a [N, F], and the way back from dL/da to dL/du [N, H]
 */
export function activationAbove(network: Network, from: Trace, start: Versions, layer: number): Applied {
  const prompts = promptsOf(start, from.batch);
  const merged = mergeVersions(network, from, start, prompts);
  let front: Front = { prompts, target: merged.y };
  const climbed: ((dy: tf.Tensor2D) => Rows)[] = [];
  for (let between = start.layer + 1; between < layer; between++) {
    const below = front;
    const { y, back } = tidyAround(() => climb(network, from, between, below));
    tf.dispose([below.all, below.target]);
    front = { prompts, ...(allRowsChange(network, from, between) ? { all: y } : { target: y }) };
    climbed.push(back);
  }
  const block = network.blocks[layer] as Block;
  const middle = attendOver(network, from, layer, front, true);
  const pre = block.preActivation(middle.reads);
  const active = block.activate(pre.inputs);
  const back = (da: tf.Tensor2D) =>
    tf.tidy(() => {
      const dReads = pre.back(active.back(da));
      const d = block.parallel ? { x: tf.zerosLike(middle.x), reads: dReads } : { x: dReads };
      const { all, target } = climbed.reduceRight<Rows>(
        (rows, step) => step((rows.all ?? rows.target) as tf.Tensor2D), // of one front, all are alike
        middle.back(d),
      );
      return merged.back((all ?? target) as tf.Tensor2D).branch;
    });
  return { y: active.y, back };
}

function promptsOf({ u, prompts }: Versions, batch: number): readonly number[] {
  return prompts ?? Array.from({ length: u.shape[0] }, (_, version) => version % batch);
}

/** `suffixes` from one layer, and the head: u [N, H], versions of the prompts in turn, to logits [N, V]. */
export function suffix(network: Network, from: Trace, layer: number, u: tf.Tensor2D): Applied {
  const { y, back } = suffixes(network, from, [{ layer, u }]);
  const logits = network.head(y);
  return { y: logits.y, back: (dy) => back(logits.back(dy))[0] as tf.Tensor2D };
}

/**
 * What has changed below a block, or its gradient: versions of which all rows are others, then versions of which only
 * the target row is.
 */
type Rows = {
  /** [M*S, H] */
  all?: tf.Tensor2D | undefined;
  /** [N, H] */
  target?: tf.Tensor2D | undefined;
};

interface Front extends Rows {
  /** The traced prompt of each version [M + N]. */
  prompts: readonly number[];
}

/** Whether a change of the target row below a block changes all rows above it that anyone will look at. */
function allRowsChange({ causal, blocks }: Network, { length }: Trace, layer: number): boolean {
  return !causal && length > 1 && layer < blocks.length - 1;
}

/** Runs one block over a front: y are all rows of all versions, or their target rows where only those change. */
function climb(
  network: Network,
  from: Trace,
  layer: number,
  front: Front,
): Holding & { y: tf.Tensor2D; back(dy: tf.Tensor2D): Rows } {
  const middle = attendOver(network, from, layer, front, !allRowsChange(network, from, layer));
  const step = feedForward(network.blocks[layer] as Block, middle);
  return {
    y: step.y,
    holds: held(middle, step),
    back: (dy) => tf.tidy((): Rows => middle.back(step.back(dy))),
  };
}

/** The first half of a block over a front. @param lastOnly the target rows alone come out */
function attendOver(
  network: Network,
  from: Trace,
  layer: number,
  { all, target, prompts }: Front,
  lastOnly: boolean,
): Middle & Holding & { back(d: MiddleGradient): Rows } {
  const block = network.blocks[layer] as Block;
  const count = target?.shape[0] ?? 0;
  const changed = prompts.slice(0, prompts.length - count);
  const whole =
    all &&
    attend(block, all, changed.length, { lastOnly, positions: pickPositions(from.positions, changed) });
  const own = prompts.slice(changed.length);
  const others = from.others[layer];
  const single =
    target &&
    attend(block, target, count, {
      lastOnly,
      before: others && { others, prompts: own },
      positions: pickPositions(from.positions, own),
    });
  const x = stack(present(whole?.x, single?.x));
  const reads = block.parallel ? stack(present(whole?.reads, single?.reads)) : x;
  const back = (d: MiddleGradient): Rows => {
    const dx = x.back(d.x);
    const dReads = d.reads && reads.back(d.reads);
    const parts = dx.map((one, i): MiddleGradient => ({ x: one, reads: dReads?.[i] }));
    const below = single && parts.pop();
    const rest = parts.pop();
    return { all: rest && whole?.back(rest), target: below && single.back(below) };
  };
  return { x: x.y, reads: reads.y, holds: held(whole, single), back };
}

/** The block's output at the target rows when its FFN's output there is u [N, H]. */
function mergeVersions(
  network: Network,
  from: Trace,
  { layer, u, frozenNorm }: Versions,
  prompts: readonly number[],
): Joined {
  const block = network.blocks[layer];
  const x = from.x[layer];
  const traced = from.u[layer];
  if (!block || !x || !traced) throw new RangeError(`no layer ${layer}`);
  return block.merge(pick(x, prompts), u, frozenNorm ? pick(traced, prompts) : undefined);
}

function present<T>(...values: (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
