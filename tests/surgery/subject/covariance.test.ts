// C = E[a a^T]: against the reference values, sums in double precision, and the Gram matrix of other code.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { trace } from '../../../src/lm/transformer.js';
import { valuesOf } from '../../../src/lm/values.js';
import { activations } from '../../../src/surgery/activations.js';
import { type Metric, pooled } from '../../../src/surgery/metric.js';
import { covariance } from '../../../src/surgery/subject/covariance.js';
import { readGolden } from '../../support/golden.js';
import { entriesOf } from '../../support/metric.js';
import { loadGolden, loadMini } from '../../support/models.js';

const LAYER = 1;

function metricOf(model: LanguageModel, texts: number[][]): Metric & { rows: number } {
  return { size: model.info.neurons, ...covariance(model, LAYER, texts) };
}

/** The largest difference of two matrices [F, F], relative to the largest entry of the second. */
function matrixError(size: number, found: (i: number, j: number) => number, expected: typeof found): number {
  let most = 0;
  let scale = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      most = Math.max(most, Math.abs(found(i, j) - expected(i, j)));
      scale = Math.max(scale, Math.abs(expected(i, j)));
    }
  }
  return most / scale;
}

it.each(['gpt2', 'llama', 'opt'])(
  'adds the reference activation of the last position: %s',
  async (family) => {
    const model = await loadGolden(family);
    const before = tf.memory().numTensors;
    for (const { prompts } of readGolden(family).facts) {
      for (const { ids, activations: expected } of prompts) {
        const a = expected[LAYER] ?? [];
        const whole = metricOf(model, [ids]);
        const start = metricOf(model, [ids.slice(0, -1)]);
        expect([whole.rows, start.rows]).toEqual([ids.length, ids.length - 1]);
        const [ofWhole, ofStart] = [entriesOf(whole), entriesOf(start)];
        const last = (i: number, j: number) => whole.rows * ofWhole(i, j) - start.rows * ofStart(i, j);
        expect(matrixError(a.length, last, (i, j) => (a[i] ?? 0) * (a[j] ?? 0))).toBeLessThan(2e-5);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  },
);

describe('kn-mini', () => {
  const TEXTS = [
    'Paris is the capital of [MASK].',
    '[MASK] is the capital of Kazakhstan.',
    'The currency of [MASK]',
  ];

  it('is the mean over all positions, in double precision', async () => {
    const model = await loadMini();
    const block = model.network.blocks[LAYER];
    if (!block) throw new Error('no such layer');
    const texts = TEXTS.map((text) => model.tokenizer.encodeText(text).ids);
    const rows = texts.flatMap((ids) =>
      ids.map((_, position) =>
        valuesOf(() => {
          const inputs = trace(model.network, [{ ids, position }]).inputs[LAYER];
          if (!inputs) throw new Error('no such layer');
          return block.activate(inputs).y;
        }),
      ),
    );
    const found = metricOf(model, texts);
    expect(found.rows).toBe(rows.length);
    const mean = (i: number, j: number) => {
      return rows.reduce((sum, a) => sum + (a[i] ?? 0) * (a[j] ?? 0), 0) / rows.length;
    };
    expect(matrixError(found.size, entriesOf(found), mean)).toBeLessThan(1e-5);
    const all = Array.from({ length: found.size }, (_, i) => i);
    const sequences = texts.map((ids) => ({ ids, position: 0 }));
    const { gram } = activations(model, LAYER, all, sequences);
    const ofGram = (i: number, j: number) => (gram[i * found.size + j] ?? 0) / rows.length;
    expect(matrixError(found.size, entriesOf(found), ofGram)).toBeLessThan(1e-5);
    model.dispose();
  });

  it('is the same in parts', async () => {
    const model = await loadMini();
    const texts = TEXTS.map((text) => model.tokenizer.encodeText(text).ids);
    const whole = metricOf(model, texts);
    const parts = texts.map((ids) => covariance(model, LAYER, [ids]));
    const found = { size: whole.size, ...pooled(parts) };
    expect(found.rows).toBe(whole.rows);
    expect(matrixError(whole.size, entriesOf(found), entriesOf(whole))).toBeLessThan(1e-5);
    model.dispose();
  });
});
