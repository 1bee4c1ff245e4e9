// Changing what the FFN says at a row in the middle of a text, in one layer, and running again what that can reach.
import * as tf from '@tensorflow/tfjs-core';
import { attend, type Block, feedForward, type Others } from './block.js';
import { type Applied, type Holding, tidyAround } from './layers/applied.js';
import type { Positions } from './positions.js';
import type { Sequence } from './prompt.js';
import { lastRows } from './rows.js';
import { embedRows, lengthOf, type Network, positionsOf } from './transformer.js';

/** A text with the row where the FFN's output is to be another one. */
export interface Marked extends Sequence {
  /** Index in `ids`; in a causal network not behind the target position, in another not the target position itself. */
  row: number;
}

/**
 * What one forward pass over B texts of S tokens keeps. The change reaches the C last rows: in a causal network those from
 * the marked one on; in another all, of which the target row comes last. Free it with `tf.dispose`.
 */
export type Tail = {
  layer: number;
  batch: number;
  /** C */
  reached: number;
  /** Number of each text's marked row among its reached ones. */
  marked: number[];
  /** Of all S rows, in the order in which they lie here. */
  positions: Positions;
  /** Residual stream after attention [B*C, H]. */
  x: tf.Tensor2D;
  /** The FFN's output [B*C, H]. */
  u: tf.Tensor2D;
  /** At the marked rows: the activation of the neurons [B, F]. */
  a: tf.Tensor2D;
  /** At the marked rows: the residual stream behind the layer [B, H]. */
  stream: tf.Tensor2D;
  /** What the rows that it does not reach bring to each block above; none where it reaches all. */
  others: (Others | undefined)[];
  /** At the target rows [B, V]. */
  logits: tf.Tensor2D;
};

/**
 * Runs texts of one length.
 * @throws RangeError when their lengths, or in a causal network the rows that are marked, differ
 */
export function traceTail(network: Network, texts: readonly Marked[], layer: number): Tail {
  const { blocks, causal } = network;
  const batch = texts.length;
  const ids = texts.map((text) => text.ids);
  const length = lengthOf(ids);
  const [first] = texts;
  if (!first || texts.some(({ ids, row }) => ids.length !== length || (causal && row !== first.row))) {
    throw new RangeError('texts of one length, marked at one row, are run together');
  }
  const positions = positionsOf(network, texts, length);
  const order = (b: number) => positions[b] ?? positions[0] ?? [];
  const reached = causal ? length - first.row : length;
  const marked = texts.map(({ row }, b) => order(b).indexOf(row) - (length - reached));
  const marks = marked.map((row, b) => b * reached + row);
  return tf.tidy(() => {
    let hidden = embedRows(network, texts, positions); // [B*S, H]
    const tail = (rows: tf.Tensor2D) => endOf(rows, batch, reached);
    const others: (Others | undefined)[] = [];
    let kept: Pick<Tail, 'x' | 'u' | 'a' | 'stream'> | undefined;
    blocks.forEach((block, l) => {
      const pass = tf.tidy(() => {
        const attended = attend(block, hidden, batch, { positions });
        if (l !== layer) {
          const beside =
            l > layer && reached < length ? startOf(attended.memory, length - reached) : undefined;
          return { y: feedForward(block, attended).y, beside };
        }
        const a = block.activate(block.preActivation(attended.reads).inputs).y;
        const u = block.value.apply(a).y;
        const y = block.merge(attended.x, u).y;
        const at = (rows: tf.Tensor2D) => tf.gather(tail(rows), tf.tensor1d(marks, 'int32'));
        return { y, own: { x: tail(attended.x), u: tail(u), a: at(a), stream: at(y) } };
      });
      hidden = pass.y;
      others.push(pass.beside);
      kept ??= pass.own;
    });
    if (!kept) throw new RangeError(`no layer ${layer}`);
    const logits = network.head(lastRows(hidden, batch).y).y;
    return { layer, batch, reached, marked, positions, ...kept, others, logits };
  });
}

/**
 * The logits at the target rows when the FFN's output at the marked rows moves. Call inside `tf.tidy`.
 * @param moves a vector per text [B, H]
 * @returns y [B, V]; back to the gradients of the moves [B, H]
 */
export function replayTail(network: Network, from: Tail, moves: tf.Tensor2D): Applied {
  const { blocks } = network;
  const { layer, batch, reached, marked, positions } = from;
  const block = blocks[layer];
  if (!block) throw new RangeError(`no layer ${layer}`);
  // Row m of all B*C takes the move of its text where it is the marked one.
  const ones = new Float32Array(batch * batch * reached); // tfjs' oneHot refuses a single row
  marked.forEach((row, b) => {
    ones[(b * batch + b) * reached + row] = 1;
  });
  const spread = tf.tensor2d(ones, [batch, batch * reached]); // [B, B*C]
  const merged = block.merge(from.x, tf.add(from.u, tf.matMul(spread, moves, true)));
  const steps: Step[] = [];
  let hidden = merged.y;
  for (let above = layer + 1; above < blocks.length; above++) {
    const step = tidyAround(() => climb(blocks[above] as Block, from, hidden, above === blocks.length - 1));
    steps.push(step);
    hidden = step.y;
  }
  const last = layer === blocks.length - 1 ? lastRows(hidden, batch) : { y: hidden, back: same };
  const logits = network.head(last.y);
  const back = (dy: tf.Tensor2D) =>
    tf.tidy(() => {
      const top = last.back(logits.back(dy));
      const d = steps.reduceRight((above, step) => step.back(above), top);
      return tf.matMul<tf.Tensor2D>(spread, merged.back(d).branch);
    });
  return { y: logits.y, back };

  /** The rows that are reached, through one block; the target rows alone where it is the last. */
  function climb(own: Block, { others }: Tail, rows: tf.Tensor2D, lastOnly: boolean): Step {
    const beside = others[blocks.indexOf(own)];
    const before = beside && { others: beside, prompts: marked.map((_, b) => b) };
    const attended = attend(own, rows, batch, { lastOnly, before, positions });
    const step = feedForward(own, attended);
    const holds = [...(attended.holds ?? []), ...(step.holds ?? [])];
    return { y: step.y, holds, back: (d) => tf.tidy(() => attended.back(step.back(d))) };
  }
}

interface Step extends Holding {
  y: tf.Tensor2D;
  back(dy: tf.Tensor2D): tf.Tensor2D;
}

function same(dy: tf.Tensor2D): tf.Tensor2D {
  return dy;
}

/** The last rows of each text: [B*S, W] to [B*C, W]. */
function endOf(rows: tf.Tensor2D, batch: number, count: number): tf.Tensor2D {
  const [all, width] = rows.shape;
  const length = all / batch;
  if (count === length) return rows;
  const whole = tf.reshape<tf.Rank.R3>(rows, [batch, length, width]);
  return tf.reshape(tf.slice(whole, [0, length - count, 0], [-1, count, -1]), [batch * count, width]);
}

/** Keys and values of the first rows of each text. */
function startOf({ k, v }: Others['memory'], count: number): Others {
  const start = (t: tf.Tensor3D): tf.Tensor3D => tf.slice(t, 0, [t.shape[0], count, t.shape[2]]);
  return { memory: { k: start(k), v: start(v) } };
}
