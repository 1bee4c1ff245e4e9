// Real text: what the covariance of a layer's activations is made from, and how surprised the model is by it.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../../lm/batches.js';
import { attend, feedForward } from '../../lm/block.js';
import type { LanguageModel } from '../../lm/language-model.js';
import type { Sequence } from '../../lm/prompt.js';
import { valuesOf } from '../../lm/values.js';
import { draw } from '../../random.js';
import { readText } from '../../spec/json.js';
import { activations } from '../../surgery/activations.js';
import { type Metric, upperOf } from '../../surgery/subject/metric.js';

/** Tokens of a text: of one length, so that they run together. */
const LENGTH = 32;

/** Lines of text files in random order, as texts of 32 tokens each; shorter ones are left out. */
export function readLines(model: LanguageModel, paths: readonly string[], random: () => number): Sequence[] {
  const lines = paths.flatMap((path) => readText(path).split('\n')).filter((line) => line.trim() !== '');
  return draw(lines, lines.length, random).flatMap((line) => {
    const ids = model.tokenizer.encodePrompt(line).ids.slice(0, LENGTH);
    return ids.length === LENGTH ? [{ ids, position: LENGTH - 1 }] : [];
  });
}

/** C of a layer: the mean of a a^T over all tokens. */
export function covariance(model: LanguageModel, layer: number, texts: readonly Sequence[]): Metric {
  const size = model.info.neurons;
  const all = Array.from({ length: size }, (_, i) => i);
  const { gram } = activations(model, layer, all, texts);
  const count = texts.reduce((sum, { ids }) => sum + ids.length, 0);
  return { size, upper: upperOf(gram, size).map((sum) => sum / Math.max(1, count)) };
}

/** Rows that go through the head at once, each as wide as the vocabulary. */
const ROWS = 256;

/** exp of the mean -log P of each token but the first, behind those before it. Causal models alone. */
export function perplexity(model: LanguageModel, texts: readonly Sequence[]): number {
  const { network } = model;
  let nats = 0;
  let count = 0;
  for (const indices of batches(texts, (length) => Math.floor(ROWS / length))) {
    const ids = indices.map((i) => texts[i]?.ids ?? []);
    const length = ids[0]?.length ?? 0;
    const next = ids.flatMap((one) => [...one.slice(1), 0]);
    const logs = valuesOf(() => {
      let rows = network.embed(ids);
      for (const block of network.blocks) {
        rows = tf.tidy(() => feedForward(block, attend(block, rows, ids.length)).y);
      }
      const all = tf.logSoftmax(network.head(rows).y); // [B*S, V]
      const places = next.map((id, row) => row * model.info.vocabulary + id);
      return tf.gather(tf.reshape(all, [-1]), tf.tensor1d(places, 'int32'));
    });
    logs.forEach((log, row) => {
      if (row % length < length - 1) nats -= log;
    });
    count += ids.length * (length - 1);
  }
  return Math.exp(nats / Math.max(1, count));
}
