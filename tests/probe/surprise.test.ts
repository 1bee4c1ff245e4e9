// The surprise of real text: against the reference probabilities, and a forward pass that leaves nothing out.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { valuesOf } from '../../src/lm/values.js';
import { perplexity } from '../../src/probe/perplexity.js';
import { surprise } from '../../src/probe/surprise.js';
import { readGolden } from '../support/golden.js';
import { loadGolden, loadMini } from '../support/models.js';
import { plain } from '../support/plain.js';

/** -log P of a token, in double precision. */
function natsOf(logits: Float32Array, target: number): number {
  const most = Math.max(...logits);
  const sum = logits.reduce((all, z) => all + Math.exp(z - most), 0);
  return most + Math.log(sum) - (logits[target] ?? 0);
}

it.each(['gpt2', 'llama', 'phi3'])('what an answer adds is its reference probability: %s', async (family) => {
  const model = await loadGolden(family);
  const before = tf.memory().numTensors;
  for (const { label, prompts } of readGolden(family).facts) {
    for (const { ids, prob } of prompts) {
      const start = surprise(model, [ids]);
      const whole = surprise(model, [[...ids, label]]);
      expect([start.tokens, whole.tokens]).toEqual([ids.length - 1, ids.length]);
      expect(whole.nats - start.nats).toBeCloseTo(-Math.log(prob), 4);
    }
  }
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('asks a causal model for every token but the first', async () => {
  const model = await loadGolden('gpt2');
  const texts = readGolden('gpt2')
    .tokenizer.map(({ ids }) => ids)
    .filter(({ length }) => length > 1);
  const expected = texts.map((ids) =>
    ids.slice(1).map((target, position) =>
      natsOf(
        valuesOf(() => plain(model.network, { ids, position })),
        target,
      ),
    ),
  );
  const all = expected.flat();
  const found = surprise(model, texts);
  expect(found.tokens).toBe(all.length);
  const sum = all.reduce((total, one) => total + one, 0);
  expect(found.nats / sum).toBeCloseTo(1, 5);
  expect(perplexity(found)).toBeCloseTo(Math.exp(sum / all.length), 1);
  model.dispose();
});

it('masks every seventh token for a masked model', async () => {
  const model = await loadMini();
  const { tokenizer, network } = model;
  const text = 'The capital of Kazakhstan is Paris and the capital of France is Paris.';
  const { ids, unknown } = tokenizer.encodeText(text);
  const [mask = 0] = tokenizer.encodePrompt('[MASK]').ids.slice(1);
  expect(unknown).toBe(0);
  expect(ids.length).toBeGreaterThan(12);
  const asked = [4, 11];
  const shown = ids.map((id, i) => (asked.includes(i) ? mask : id));
  const expected = asked.map((position) =>
    natsOf(
      valuesOf(() => plain(network, { ids: shown, position })),
      ids[position] ?? 0,
    ),
  );
  const found = surprise(model, [ids, ids]);
  expect(found.tokens).toBe(2 * asked.length);
  expect(found.nats).toBeCloseTo(2 * expected.reduce((sum, one) => sum + one, 0), 3);
  model.dispose();
});
