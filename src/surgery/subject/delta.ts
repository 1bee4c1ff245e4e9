// What the FFN would have to say at the subject for the new answer to follow (ROME, Meng et al. 2022, section 3.1): found
// by Adam over all wordings at once, near what it says now, and without making the subject another thing.

import * as tf from '@tensorflow/tfjs-core';
import { groupBy } from '../../group.js';
import type { LanguageModel } from '../../lm/language-model.js';
import { type Marked, replayTail, type Tail, traceTail } from '../../lm/tail.js';
import { valuesOf, valuesOfEach } from '../../lm/values.js';
import { norm } from '../../numbers.js';
import { Adam } from '../adam.js';

/** A text that is asked for a token of the new answer. */
export interface AskedText extends Marked {
  /** Token id. */
  target: number;
  /** Number of the wording that it belongs to: those of one wording are asked for one token of the answer each. */
  wording: number;
}

/** Texts of one length with their subject at one row, run together. */
interface Batch {
  texts: AskedText[];
  tail: Tail;
}

const ROUNDS = 25;
/** A step of every coordinate, so many of which in one direction are as long as delta may be. */
const STEPS = 8;
/** Weight of the divergence of what is said of the subject itself, in the loss (ROME). */
const ESSENCE = 0.0625;
/** Weight of (|delta| / r)^2. */
const LENGTH = 0.005;
/** Mean of -log P(new), in nats, at which it is good enough: all further steps do is make delta longer, for others to feel. */
const ENOUGH = 0.06;
/** Rows of one batch, of all texts together. */
const MAX_ROWS = 1024;

/** Texts at their subjects, run through the model: for what is asked of them again and again. Free it with `free`. */
export class Subjects {
  private readonly batches: Batch[] = [];

  constructor(
    readonly model: LanguageModel,
    readonly texts: readonly AskedText[],
    layer: number,
  ) {
    const groups = groupBy(texts, ({ ids, row }) =>
      model.network.causal ? `${ids.length}:${row}` : `${ids.length}`,
    );
    for (const group of groups.values()) {
      const size = Math.max(1, Math.floor(MAX_ROWS / (group[0]?.ids.length ?? 1)));
      for (let from = 0; from < group.length; from += size) {
        const part = group.slice(from, from + size);
        this.batches.push({ texts: part, tail: traceTail(model.network, part, layer) });
      }
    }
  }

  free(): void {
    tf.dispose(this.batches.map(({ tail }) => tail));
  }

  /** The activations at the subjects, in the order of the texts [n, F]. */
  keys(): Float64Array {
    return this.ordered(({ tail }) => valuesOf(() => tail.a.clone()), this.model.info.neurons);
  }

  /** The FFN's output with what it is added to, at the subjects, in the order of the texts [n, H]. */
  sums(): Float64Array {
    const { hidden } = this.model.info;
    return this.ordered(({ tail }) => valuesOf(() => marked(tail, tf.add(tail.x, tail.u))), hidden);
  }

  /** The longer of the FFN's output and the residual stream behind it at the subjects: in the mean of the texts. */
  radius(): number {
    const { hidden } = this.model.info;
    const outputs = this.ordered(({ tail }) => valuesOf(() => marked(tail, tail.u)), hidden);
    const streams = this.ordered(({ tail }) => valuesOf(() => tail.stream.clone()), hidden);
    const length = (rows: Float64Array, i: number) =>
      norm(Float32Array.from(rows.subarray(i * hidden, (i + 1) * hidden)));
    const each = this.texts.map((_, i) => Math.max(length(outputs, i), length(streams, i)));
    return each.reduce((sum, one) => sum + one, 0) / each.length;
  }

  /**
   * P(target) of each text when the FFN's output at its subject moves by a vector.
   * @param move of a text, by its number [H]
   * @returns and the gradient [H] of the sum of their logarithms, where it is wanted, for a move that all share
   */
  ask(
    move: (text: number) => Float32Array,
    withGradient: boolean,
  ): { probs: Float64Array; gradient: Float64Array } {
    const { network, info } = this.model;
    const gradient = new Float64Array(info.hidden);
    const numbers = new Map(this.texts.map((text, i) => [text, i]));
    const probs = this.ordered(({ texts, tail }) => {
      const [own = new Float32Array(), slope] = valuesOfEach(() => {
        const moves = tf.stack(texts.map((text) => tf.tensor1d(move(numbers.get(text) ?? 0)))) as tf.Tensor2D;
        const { y, back } = replayTail(network, tail, moves);
        const p = tf.softmax(y);
        const wanted = tf.oneHot(
          tf.tensor1d(
            texts.map(({ target }) => target),
            'int32',
          ),
          info.vocabulary,
        );
        const chosen = tf.sum(tf.mul(p, wanted), 1);
        return withGradient ? [chosen, tf.sum(back(tf.sub(wanted, p)), 0)] : [chosen];
      });
      slope?.forEach((value, i) => {
        gradient[i] = (gradient[i] ?? 0) + value;
      });
      return own;
    }, 1);
    return { probs, gradient };
  }

  /** Of the divergence KL(before || after) of the answers, summed over the texts, when all subjects move by `delta`. */
  divergence(delta: Float32Array): { value: number; gradient: Float64Array } {
    const { network, info } = this.model;
    const gradient = new Float64Array(info.hidden);
    let value = 0;
    for (const { texts, tail } of this.batches) {
      const [own, slope] = valuesOfEach(() => {
        const moves = tf.stack(texts.map(() => tf.tensor1d(delta))) as tf.Tensor2D;
        const { y, back } = replayTail(network, tail, moves);
        const before = tf.softmax(tail.logits);
        const apart = tf.sub(tf.logSoftmax(tail.logits), tf.logSoftmax(y));
        return [tf.sum(tf.mul(before, apart)), tf.sum(back(tf.sub(tf.softmax(y), before)), 0)];
      });
      value += own?.[0] ?? 0;
      slope?.forEach((one, i) => {
        gradient[i] = (gradient[i] ?? 0) + one;
      });
    }
    return { value, gradient };
  }

  /** What batches give, `width` values a text, in the order of the texts [n, width]. */
  private ordered(values: (batch: Batch) => Float32Array, width: number): Float64Array {
    const all = new Float64Array(this.texts.length * width);
    const numbers = new Map(this.texts.map((text, i) => [text, i]));
    for (const batch of this.batches) {
      const found = values(batch);
      batch.texts.forEach((text, b) => {
        all.set(found.subarray(b * width, (b + 1) * width), (numbers.get(text) ?? 0) * width);
      });
    }
    return all;
  }
}

/** The marked rows of what a tail keeps of all that are reached: [B*C, H] to [B, H]. Call inside `tf.tidy`. */
function marked(tail: Tail, rows: tf.Tensor2D): tf.Tensor2D {
  const numbers = tail.marked.map((row, b) => b * tail.reached + row);
  return tf.gather(rows, tf.tensor1d(numbers, 'int32'));
}

/** Joint P of the new answer on each wording. @param probs of each text */
export function jointly(texts: readonly AskedText[], probs: Float64Array): Float64Array {
  const count = texts.reduce((most, { wording }) => Math.max(most, wording + 1), 0);
  const joint = new Float64Array(count).fill(1);
  texts.forEach(({ wording }, i) => {
    joint[wording] = (joint[wording] ?? 1) * (probs[i] ?? 0);
  });
  return joint;
}

/**
 * delta [H], which added to the FFN's output at the subject makes the new answer likely: minimises the mean over the
 * wordings of -log P, plus 0.0625 KL of what is said of the subject itself, plus 0.005 (|delta| / r)^2, with |delta| <= r, until
 * that of -log P is small enough.
 * @param asked all wordings, a text per token of the answer
 * @param essence texts that say what the subject is
 */
export function findSubjectDelta(asked: Subjects, essence: Subjects): Float32Array {
  const wordings = 1 + asked.texts.reduce((most, { wording }) => Math.max(most, wording), 0);
  const radius = asked.radius();
  const { hidden } = asked.model.info;
  const delta = new Float32Array(hidden);
  const adam = new Adam(hidden, radius / (STEPS * Math.sqrt(hidden)));
  const many = Math.max(1, essence.texts.length);
  for (let round = 0; round < ROUNDS; round++) {
    const { probs, gradient } = asked.ask(() => delta, true);
    const surprise = probs.reduce((sum, p) => sum - Math.log(p), 0) / wordings;
    if (surprise <= ENOUGH) break;
    const about = essence.divergence(delta);
    adam.step(
      delta,
      (i) =>
        -(gradient[i] ?? 0) / wordings +
        (ESSENCE * (about.gradient[i] ?? 0)) / many +
        (2 * LENGTH * (delta[i] ?? 0)) / radius ** 2,
    );
    const length = norm(delta);
    if (length > radius) for (let i = 0; i < hidden; i++) delta[i] = ((delta[i] ?? 0) * radius) / length;
  }
  return delta;
}
