// What is told of one neuron: its words by hand from the checkpoint, its activation against the golden values, its norm.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { activity } from '../../src/locate/activity.js';
import { wordsOf } from '../../src/locate/promoted.js';
import type { Word } from '../../src/locate/words.js';
import { readTensors, valuesOf } from '../support/checkpoints.js';
import { goldenDirectory, KINDS, readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

beforeAll(() => prepareEngine('wasm'));

const dot = (length: number, product: (i: number) => number) =>
  Array.from({ length }, (_, i) => product(i)).reduce((sum, x) => sum + x, 0);

it('its words are those that its value vector points to, as written and through the head', async () => {
  const model = await loadGolden('electra');
  const tensors = new Map(readTensors(goldenDirectory('electra')).map((one) => [one.name, one]));
  const values = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`no tensor ${name}`);
    return valuesOf(tensor);
  };
  const [narrow, hidden, neurons, neuron] = [24, 32, 80, 7];
  const words = values('electra.embeddings.word_embeddings.weight'); // [V, P]
  const dense = values('generator_predictions.dense.weight'); // [P, H]
  const gain = values('generator_predictions.LayerNorm.weight'); // [P]
  const output = values('electra.encoder.layer.1.output.dense.weight'); // [H, F]
  const projected = Array.from({ length: narrow }, (_, p) =>
    dot(hidden, (h) => (dense[p * hidden + h] ?? 0) * (output[h * neurons + neuron] ?? 0)),
  );
  const logits = (weigh: (p: number) => number) =>
    Array.from({ length: model.info.vocabulary }, (_, id) =>
      dot(narrow, (p) => (words[id * narrow + p] ?? 0) * weigh(p) * (projected[p] ?? 0)),
    );
  const before = tf.memory().numTensors;
  const found = wordsOf(model, [1, neuron], 4);
  expect(tf.memory().numTensors).toBe(before);
  for (const [direction, expected] of [
    ['embedding', logits(() => 1)],
    ['readout', logits((p) => gain[p] ?? 0)],
  ] as const) {
    const order = [...expected.keys()].sort((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0));
    const expectWords = (some: Word[], ids: number[]) => {
      expect(some.map(({ token }) => token)).toEqual(ids.map((id) => model.tokenizer.token(id)));
      const numbers = ids.map((id) => expected[id] ?? 0);
      expect(
        relativeError(
          some.map(({ logit }) => logit),
          numbers,
        ),
      ).toBeLessThan(1e-5);
    };
    expectWords(found[direction].promotes, order.slice(0, 4));
    expectWords(found[direction].demotes, order.slice(-4).reverse());
  }
  const norms = model.valueNorms(1);
  const expected = Array.from({ length: neurons }, (_, n) =>
    Math.sqrt(dot(hidden, (h) => (output[h * neurons + n] ?? 0) ** 2)),
  );
  expect(relativeError(norms, expected)).toBeLessThan(1e-6);
  model.dispose();
});

describe.each(KINDS)('%s', (family) => {
  it('its activation at the target position is the golden one, in every layer', async () => {
    const model = await loadGolden(family);
    const { prompts = [] } = readGolden(family).facts[0] ?? {};
    for (const neuron of [0, 17]) {
      prompts[0]?.activations.forEach((_, layer) => {
        const found = activity(model, [layer, neuron], prompts);
        const atTarget = found.map((tokens, i) => tokens[prompts[i]?.position ?? 0]?.activation ?? 0);
        const expected = prompts.map(({ activations }) => activations[layer]?.[neuron] ?? 0);
        const largest = Math.max(
          ...prompts.flatMap(({ activations }) => activations[layer] ?? []).map(Math.abs),
        );
        expected.forEach((value, i) => {
          expect(Math.abs((atTarget[i] ?? Number.NaN) - value)).toBeLessThan(1e-4 * largest);
        });
        expect(found.map((tokens) => tokens.length)).toEqual(prompts.map(({ ids }) => ids.length));
      });
    }
    model.dispose();
  });
});
