// Facts rewritten together: each with the keys of all others held, and all of them measured in the end.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Asked } from '../../../src/bench/real/asked.js';
import { Yardstick } from '../../../src/bench/real/measure.js';
import { type StackRow, stackRows } from '../../../src/bench/real/stack.js';
import { seeded } from '../../../src/random.js';
import { covariance } from '../../../src/surgery/subject/covariance.js';
import { loadGolden } from '../../support/models.js';

it('rewrites as many as were asked for, and leaves the base', async () => {
  const model = await loadGolden('llama');
  const encode = (text: string) => model.tokenizer.encodePrompt(text);
  const factOf = (subject: string, next: number): Asked => ({
    prompt: encode(`The capital of ${subject} is`),
    subject,
    relation: 'capital',
    truth: 5,
    next,
    paraphrases: [encode(`In ${subject} the capital is`)],
    neighbours: [{ prompt: encode('The capital of Italy is'), truth: 6 }],
  });
  const facts = [factOf('France', 7), factOf('Italy', 8), factOf('France', 9)];
  const texts = [encode('The weather was mild that day.').ids];
  const tensors = tf.memory().numTensors;
  const bench = {
    model,
    layer: 0,
    metric: { size: model.info.neurons, upper: covariance(model, 0, texts).upper },
    neurons: [],
    draws: 1,
    held: [],
    promptsBeside: () => [],
    random: seeded(1),
  };
  const rows: StackRow[] = [];
  stackRows(bench, facts, [1, 2, 3], new Yardstick(model, [], texts, seeded(1)), (row) => rows.push(row));
  // The third fact is the first one again; of 80 neurons half may change.
  expect(rows.map(({ edits, method }) => `${edits} ${method}`)).toEqual([
    '1 subject, 40',
    '1 rome',
    '2 subject, 40',
    '2 rome',
  ]);
  const [one, , two, full] = rows.map(({ figures }) => figures);
  expect(one?.floats).toBe(40 * model.info.hidden);
  expect(two?.floats).toBeGreaterThanOrEqual(one?.floats ?? 0);
  expect(full?.floats).toBe(model.info.neurons * model.info.hidden);
  expect(full).toMatchObject({ efficacy: 1, unrelatedFlips: null });
  // What is rewritten itself is nobody's neighbour.
  expect(rows.map(({ figures }) => figures.neighborhood === null)).toEqual([false, false, true, true]);
  expect(model.overlay.neurons).toEqual([]);
  expect(tf.memory().numTensors).toBe(tensors);
});
