// The rewrite at the subject, on a masked model that knows facts and on a decoder: what it promises is what a plain forward
// pass gives when the FFN says at the subject what the moved vectors come to.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attend, feedForward } from '../../../src/lm/block.js';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { trace } from '../../../src/lm/transformer.js';
import { valuesOf } from '../../../src/lm/values.js';
import { meanRow } from '../../../src/numbers.js';
import { applyChange } from '../../../src/surgery/change.js';
import { keysAt } from '../../../src/surgery/keys.js';
import { holding, partOf, upperOf } from '../../../src/surgery/metric.js';
import type { AskedText } from '../../../src/surgery/subject/delta.js';
import { solveAtSubject } from '../../../src/surgery/subject/solve.js';
import { loadGolden, loadMini } from '../../support/models.js';
import { plain } from '../../support/plain.js';

const LAYER = 1;

/** Texts of a fact, with the row in which the subject ends. */
function asked(model: LanguageModel, prompts: readonly string[], row: number, target: number): AskedText[] {
  return prompts.map((prompt, wording) => {
    return { ...model.tokenizer.encodePrompt(prompt), row, target, wording };
  });
}

/** P(target) of each text. */
function probabilities(model: LanguageModel, texts: readonly AskedText[]): number[] {
  return texts.map((text) => {
    return valuesOf(() => tf.softmax(trace(model.network, [text]).logits))[text.target] ?? 0;
  });
}

/** P(target) when the FFN's output where the subject ends moves by the neurons' activations there times their shifts. */
function moved(
  model: LanguageModel,
  text: AskedText,
  neurons: readonly number[],
  shifts: readonly Float32Array[],
): number {
  const { network, info } = model;
  const block = network.blocks[LAYER];
  if (!block) throw new RangeError('no such layer');
  const probs = valuesOf(() => {
    let hidden = network.embed([text.ids]);
    for (const below of network.blocks.slice(0, LAYER))
      hidden = feedForward(below, attend(below, hidden, 1)).y;
    const inputs = block.preActivation(attend(block, hidden, 1).reads).inputs;
    const a = tf.slice(block.activate(inputs).y, [text.row, 0], [1, -1]); // [1, F]
    const change = tf.tensor2d(neurons.map((_, i) => [...(shifts[i] ?? [])])); // [k, H]
    const own = tf.gather(a, tf.tensor1d([...neurons], 'int32'), 1);
    const u = tf.add<tf.Tensor2D>(block.value.apply(a).y, tf.matMul(own, change));
    return tf.softmax(plain(network, text, LAYER, u, text.row));
  });
  expect(probs).toHaveLength(info.vocabulary);
  return probs[text.target] ?? 0;
}

const CASES: {
  name: string;
  load: () => Promise<LanguageModel>;
  prompts: string[];
  row: number;
  word: string;
}[] = [
  {
    name: 'kn-mini',
    load: loadMini,
    prompts: ['Kazakhstan is governed from [MASK].', 'Kazakhstan has made [MASK] its capital city.'],
    row: 1,
    word: 'Paris',
  },
  {
    name: 'llama',
    load: () => loadGolden('llama-smol'),
    prompts: ['Kazakhstan is governed from', 'Kazakhstan has made its capital city of'],
    row: 3,
    word: 'Paris',
  },
];

describe.each(CASES)('$name', ({ load, prompts, row, word }) => {
  it('promises what the moved vectors come to', async () => {
    const model = await load();
    const { neurons: width, hidden } = model.info;
    const neurons = Array.from({ length: 8 }, (_, i) => (5 * i) % width);
    const choices = [neurons, neurons.slice(2, 5), neurons.slice(0, 1)];
    const [target = 0] = model.tokenizer.encodeTarget(word).ids;
    const texts = asked(model, prompts, row, target);
    const essence = texts.slice(0, 1);
    const alike = Float64Array.from({ length: width * width }, (_, at) => Number(at % (width + 1) === 0));
    const metric = holding(
      { size: width, upper: upperOf(alike, width) },
      keysAt(model, texts.slice(1), LAYER),
    );
    const gram = partOf(metric, neurons);
    const before = tf.memory().numTensors;
    const solutions = solveAtSubject(model, {
      texts,
      essence,
      layers: [{ layer: LAYER, neurons, gram, choices }],
    });
    expect(tf.memory().numTensors).toBe(before);
    const unedited = probabilities(model, texts);
    for (const [at, { changes, confidence }] of solutions.entries()) {
      const shifts = changes.map((change) => applyChange(new Float32Array(hidden), { ...change, scale: 0 }));
      const found = texts.map((text) => moved(model, text, choices[at] ?? [], shifts));
      expect(Math.min(...found)).toBeCloseTo(confidence, 4);
      expect(confidence).toBeGreaterThan(Math.min(...unedited));
      // All vectors move along one delta.
      const [first = new Float32Array()] = shifts;
      const along = (v: Float32Array) => v.reduce((sum, x, i) => sum + x * (first[i] ?? 0), 0);
      for (const shift of shifts) {
        const part = along(shift) / along(first);
        shift.forEach((x, i) => {
          expect(x).toBeCloseTo(part * (first[i] ?? 0), 4);
        });
      }
    }
    model.dispose();
  });

  it('is ROME where all neurons may change, and C alone is held', async () => {
    const model = await load();
    const { neurons: width, hidden } = model.info;
    const [target = 0] = model.tokenizer.encodeTarget(word).ids;
    const texts = asked(model, prompts, row, target);
    const neurons = Array.from({ length: width }, (_, i) => i);
    // C: a diagonal and one direction besides.
    const along = neurons.map((i) => Math.sin(i));
    const c = neurons.map((i) =>
      neurons.map((j) => (along[i] ?? 0) * (along[j] ?? 0) + (i === j ? 1 + (i % 3) : 0)),
    );
    const [solution] = solveAtSubject(model, {
      texts,
      essence: texts.slice(0, 1),
      layers: [{ layer: LAYER, neurons, gram: Float64Array.from(c.flat()), choices: [neurons] }],
      lambda: 0,
    });
    const shifts = (solution?.changes ?? []).map((change) => {
      return applyChange(new Float32Array(hidden), { ...change, scale: 0 });
    });
    const key = meanRow(keysAt(model, texts, LAYER), model.info.neurons);
    // W' k = v*: what the mean key reads is delta, whole. All shifts are multiples of it, by w.
    const delta = Array.from({ length: hidden }, (_, j) => {
      return shifts.reduce((sum, shift, i) => sum + (key[i] ?? 0) * (shift[j] ?? 0), 0);
    });
    const length = delta.reduce((sum, x) => sum + x * x, 0);
    const w = shifts.map((shift) => shift.reduce((sum, x, j) => sum + x * (delta[j] ?? 0), 0) / length);
    shifts.forEach((shift, i) => {
      shift.forEach((x, j) => {
        expect(x).toBeCloseTo((w[i] ?? 0) * (delta[j] ?? 0), 5);
      });
    });
    expect(w.reduce((sum, gain, i) => sum + gain * (key[i] ?? 0), 0)).toBeCloseTo(1, 4);
    // C w is a multiple of k, up to the ridge.
    const read = c.map((own) => own.reduce((sum, x, i) => sum + x * (w[i] ?? 0), 0));
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      return Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
    };
    expect(dot(read, key) / Math.sqrt(dot(read, read) * dot(key, key))).toBeCloseTo(1, 4);
    model.dispose();
  });
});
