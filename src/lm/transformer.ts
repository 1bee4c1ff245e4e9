// Running a network: a whole forward pass that keeps what later steps need, and the suffix that a change replays.
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationChange, applyBlock, type Block } from './block.js';
import type { Applied } from './layers/applied.js';
import type { Weight } from './layers/weight.js';
import { gather, type Rows, replace, rowsAt } from './rows.js';
import type { EncodedPrompt } from './tokenizer.js';

/** What a family file builds: embeddings, blocks and head. Tensor arguments and results belong to the caller's tidy. */
export interface Network {
  readonly blocks: readonly Block[];
  /** Word embeddings E [V, H], tied to the output. */
  readonly words: tf.Tensor2D;
  /** ids [B, S] to the first block's input [B*S, H]. */
  embed(ids: tf.Tensor2D): tf.Tensor2D;
  /** Rows [R, H] of the last block to logits [R, V]. */
  head(x: tf.Tensor2D): Applied;
  /** Embeddings [R, H] pulled back through the head's transform, to where the last block writes (direction `readout`). */
  readout(embedding: tf.Tensor2D): tf.Tensor2D;
  /** Every weight, always in the same order; weights that are tied may come as one, or with the same tensor twice. */
  weights(): Weight[];
  dispose(): void;
}

/** What one forward pass over a batch of equally long prompts leaves behind. Free it with `tf.dispose`. */
export type Trace = {
  rows: Rows;
  /** Output of each block but the last, all rows [B*S, H]. */
  hidden: tf.Tensor2D[];
  /** Residual stream after attention, at the target rows of each block [B, H]. */
  x: tf.Tensor2D[];
  /** Row before the non-linearity, at the target rows of each block [B, F]. */
  z: tf.Tensor2D[];
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
 */
export function trace(
  network: Network,
  prompts: readonly EncodedPrompt[],
  whatIf: readonly TargetChange[] = [],
): Trace {
  const { blocks } = network;
  return tf.tidy(() => {
    const batch = prompts.length;
    const length = prompts[0]?.ids.length ?? 0;
    const rows = rowsAt(
      prompts.map((prompt) => prompt.position),
      length,
    );
    const ids = tf.tensor2d(
      prompts.flatMap((prompt) => prompt.ids),
      [batch, length],
      'int32',
    );
    let current = network.embed(ids);
    const hidden: tf.Tensor2D[] = [];
    const x: tf.Tensor2D[] = [];
    const z: tf.Tensor2D[] = [];
    blocks.forEach((block, layer) => {
      const last = layer === blocks.length - 1;
      const change = whatIf.find((one) => one.layer === layer)?.change;
      const kept = tf.tidy(() => {
        const step = applyBlock(
          block,
          current,
          batch,
          last ? rows : undefined,
          change && atRows(change, rows, last),
        );
        return {
          y: step.y,
          x: last ? step.x : gather(step.x, rows),
          z: last ? step.z : gather(step.z, rows),
        };
      });
      x.push(kept.x);
      z.push(kept.z);
      if (!last) hidden.push(kept.y);
      current = kept.y;
    });
    return { rows, hidden, x, z, logits: network.head(current).y };
  });
}

/** Restricts a change to the target rows where all rows are present. */
function atRows(change: ActivationChange, rows: Rows, onlyTargets: boolean): ActivationChange {
  return onlyTargets ? change : (a) => replace(a, change(gather(a, rows)), rows);
}

/**
 * Replays what follows the FFN of `layer` when its output at the target rows becomes `u`, all other rows untouched:
 * the layers below are not run again, the layer itself recomputes one row, the last block and the head see the
 * target rows only. Call inside `tf.tidy`.
 * @param u [N, H]; either one row per traced prompt, or N versions of the only prompt
 * @returns logits [N, V], and the way back to dL/du [N, H]
 */
export function suffix(network: Network, from: Trace, layer: number, u: tf.Tensor2D): Applied {
  const { blocks } = network;
  const count = u.shape[0];
  const repeats = count / from.rows.batch;
  const rows = repeats === 1 ? from.rows : repeatRows(from.rows, count);
  const spread = (t: tf.Tensor2D) => (repeats === 1 ? t : tf.tile(t, [repeats, 1]));

  const block = blocks[layer];
  const x = from.x[layer];
  if (!block || !x) throw new RangeError(`no layer ${layer}`);
  const merged = block.merge(spread(x), u);
  const backs: Applied['back'][] = [(dy) => merged.back(dy).u];
  let current = merged.y;

  const all = from.hidden[layer]; // absent for the last block: there is nothing but the target rows
  if (all) {
    current = replace(spread(all), merged.y, rows);
    backs.push((dy) => gather(dy, rows));
    for (let above = layer + 1; above < blocks.length; above++) {
      const last = above === blocks.length - 1;
      const step = applyBlock(blocks[above] as Block, current, count, last ? rows : undefined);
      backs.push(step.back);
      current = step.y;
    }
  }
  const logits = network.head(current);
  const back = (dy: tf.Tensor2D) => backs.reduceRight((d, step) => step(d), logits.back(dy));
  return { y: logits.y, back };
}

function repeatRows(rows: Rows, count: number): Rows {
  const [row = 0] = rows.index.dataSync(); // one traced prompt: the row number is the position
  return rowsAt(new Array<number>(count).fill(row), rows.length);
}
