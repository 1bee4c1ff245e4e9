// How much real text surprises the model, in nats.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import { requireNumbers } from '../lm/finite.js';
import type { LanguageModel } from '../lm/language-model.js';
import { streamBelow } from '../lm/stream.js';
import { valuesOf } from '../lm/values.js';
import type { Surprise } from './perplexity.js';

/** Of a text for a masked model, every seventh token is masked (a seventh is about what BERT was trained with), from the fifth on. */
const STRIDE = 7;
const FIRST = 4;
/** Logits that are computed at a time: a vocabulary is wide. */
const MOST_LOGITS = 1 << 24;

/** A token that is asked for. */
interface AskedToken {
  /** Row among those of the batch. */
  row: number;
  target: number;
}

/**
 * The surprise of texts. A causal model is asked for every token but the first, from those before it. A masked one is asked
 * for every seventh token, all of them masked at once; never for the first and the last, which are not of the text.
 * Leaves no tensor behind.
 * @param texts token ids
 * @throws NotFiniteError when a probability is no number
 */
export function surprise(model: LanguageModel, texts: readonly (readonly number[])[]): Surprise {
  const { network, info, tokenizer } = model;
  const portion = Math.max(1, Math.floor(MOST_LOGITS / info.vocabulary));
  const total: Surprise = { nats: 0, tokens: 0 };
  for (const indices of batches(texts.map((ids) => ({ ids })))) {
    const group = indices.map((i) => texts[i] ?? []);
    const asked = group.flatMap((ids, b) => askedIn(ids, info.causal, b * ids.length));
    const shown = info.causal ? group : group.map((ids) => masked(ids, tokenizer.maskId));
    const stream = tf.tidy(() => streamBelow(network, shown, network.blocks.length)); // [B*S, H]
    for (let from = 0; from < asked.length; from += portion) {
      const own = asked.slice(from, from + portion);
      const nats = valuesOf(() => natsAt(model, stream, own));
      requireNumbers(model, { ids: [...(group[0] ?? [])], position: 0 }, nats);
      for (const one of nats) total.nats += one;
      total.tokens += own.length;
    }
    stream.dispose();
  }
  return total;
}

/** -log P of each token [n], from the stream behind the last block. */
function natsAt({ network }: LanguageModel, stream: tf.Tensor2D, asked: readonly AskedToken[]): tf.Tensor1D {
  const rows = tf.tensor1d(
    asked.map(({ row }) => row),
    'int32',
  );
  const logits = network.head(tf.gather(stream, rows)).y; // [n, V]
  const places = tf.tensor2d(
    asked.map(({ target }, i) => [i, target]),
    undefined,
    'int32',
  );
  return tf.sub(tf.logSumExp(logits, 1), tf.gatherND(logits, places));
}

/** @param start row of the text's first token */
function askedIn(ids: readonly number[], causal: boolean, start: number): AskedToken[] {
  return ids.flatMap((target, i) => {
    if (causal) return i === 0 ? [] : [{ row: start + i - 1, target }];
    return isMasked(i, ids.length) ? [{ row: start + i, target }] : [];
  });
}

function isMasked(i: number, length: number): boolean {
  return i % STRIDE === FIRST && i < length - 1;
}

function masked(ids: readonly number[], mask: number | undefined): number[] {
  if (mask === undefined) throw new RangeError('a masked model has a mask token');
  return ids.map((id, i) => (isMasked(i, ids.length) ? mask : id));
}
