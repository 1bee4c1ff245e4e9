// What an edit did: every method edits, what lies around the fact is asked, and all is taken back.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Asked } from '../../../src/bench/real/asked.js';
import { meanFigures, score, Yardstick } from '../../../src/bench/real/measure.js';
import { editsOf, METHODS } from '../../../src/bench/real/methods.js';
import { seeded } from '../../../src/random.js';
import { covariance } from '../../../src/surgery/subject/covariance.js';
import { loadGolden } from '../../support/models.js';

it('every method edits and is taken back; what is left beside the fact is measured', async () => {
  const model = await loadGolden('llama');
  const encode = (text: string) => model.tokenizer.encodePrompt(text);
  const fact: Asked = {
    prompt: encode('The capital of France is'),
    subject: 'France',
    relation: undefined,
    truth: 5,
    next: 7,
    paraphrases: [encode('In France the capital is')],
    neighbours: [{ prompt: encode('The capital of Italy is'), truth: 6 }],
  };
  const other = { ...fact, prompt: encode('The currency of Japan is') };
  const texts = ['The weather was mild that day.', 'He closed the door and sat down.'].map(
    (text) => encode(text).ids,
  );
  const tensors = tf.memory().numTensors;
  const bench = {
    model,
    layer: 0,
    metric: { size: model.info.neurons, upper: covariance(model, 0, texts).upper },
    neurons: [4],
    draws: 2,
    held: [],
    promptsBeside: () => [],
    random: seeded(1),
  };
  const yardstick = new Yardstick(model, [fact, other], texts, seeded(1));
  const edits = editsOf(bench, fact, METHODS);
  expect(edits.map(({ name }) => name)).toEqual([
    'subject, 4',
    'random, 4',
    'random, 4',
    'rome',
    'solve',
    'relative',
    'absolute',
  ]);
  const { base, edited } = yardstick.measure(fact, edits);
  expect(model.overlay.neurons).toEqual([]);
  expect(edited.map(({ floats }) => floats / model.info.hidden).slice(0, 4)).toEqual([
    4,
    4,
    4,
    model.info.neurons,
  ]);
  expect(edited[3]?.probability).toBeGreaterThan(base.probability ?? 1);
  expect(yardstick.measure(fact, []).base).toEqual(base);
  expect(meanFigures([base, base])).toEqual(base);
  expect(score({ ...base, efficacy: 1, paraphrase: 0.5, neighborhood: 0.25 })).toBeCloseTo(3 / 7, 12);
  expect(tf.memory().numTensors).toBe(tensors);
});
