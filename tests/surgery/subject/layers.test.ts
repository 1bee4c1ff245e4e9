// A rewrite at the subject that several layers share, as in MEMIT: what they come to together, and its normal equations.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attend, feedForward } from '../../../src/lm/block.js';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { extendOverlay, type NeuronId, NO_OVERLAY } from '../../../src/lm/overlay.js';
import { valuesOf } from '../../../src/lm/values.js';
import { meanRow } from '../../../src/numbers.js';
import { applyChange, type Change } from '../../../src/surgery/change.js';
import { keysAt } from '../../../src/surgery/keys.js';
import type { AskedText } from '../../../src/surgery/subject/delta.js';
import { type LayerProblem, solveAtSubject } from '../../../src/surgery/subject/solve.js';
import { loadGolden, loadMini } from '../../support/models.js';

const CASES: { name: string; load: () => Promise<LanguageModel>; prompts: string[]; row: number }[] = [
  {
    name: 'kn-mini',
    load: loadMini,
    prompts: ['Kazakhstan is governed from [MASK].', 'Kazakhstan has made [MASK] its capital city.'],
    row: 1,
  },
  ...['llama-smol', 'gpt_neox'].map((name) => ({
    name,
    load: () => loadGolden(name),
    prompts: ['Kazakhstan is governed from', 'Kazakhstan has made its capital city of'],
    row: 3,
  })),
];

/** C of all neurons of a layer: a diagonal, and one direction besides. */
function covariance(size: number): number[][] {
  const along = Array.from({ length: size }, (_, i) => Math.sin(i));
  return along.map((a, i) => along.map((b, j) => a * b + (i === j ? 1 + (i % 3) : 0)));
}

function wholeLayer({ info }: LanguageModel, layer: number): LayerProblem {
  const neurons = Array.from({ length: info.neurons }, (_, i) => i);
  return { layer, neurons, gram: Float64Array.from(covariance(info.neurons).flat()), choices: [neurons] };
}

/** The FFN's output at a row with what it is added to, in the model's present state [H]. */
function said(model: LanguageModel, { ids, row }: AskedText, layer: number): number[] {
  return [
    ...valuesOf(() => {
      let hidden = model.network.embed([ids]);
      for (const below of model.network.blocks.slice(0, layer)) {
        hidden = feedForward(below, attend(below, hidden, 1)).y;
      }
      const block = model.network.blocks[layer];
      if (!block) throw new RangeError('no such layer');
      const attended = attend(block, hidden, 1);
      const u = block.value.apply(block.activate(block.preActivation(attended.reads).inputs).y).y;
      return tf.slice(tf.add<tf.Tensor2D>(attended.x, u), [row, 0], [1, -1]);
    }),
  ];
}

function edited(model: LanguageModel, layers: readonly LayerProblem[], changes: readonly Change[]): void {
  const ids = layers.flatMap(({ layer, choices: [own = []] }) =>
    own.map((neuron): NeuronId => [layer, neuron]),
  );
  const values = model.valueVectors(ids);
  const { hidden } = model.info;
  const vectors = ids.map((at, i) => {
    return {
      at,
      vector: applyChange(values.slice(i * hidden, (i + 1) * hidden), changes[i] ?? { scale: 1 }),
    };
  });
  model.use(extendOverlay(NO_OVERLAY, vectors));
}

describe.each(CASES)('$name', ({ load, prompts, row }) => {
  async function problem() {
    const model = await load();
    const [target = 0] = model.tokenizer.encodeTarget('Paris').ids;
    const texts = prompts.map((prompt, wording): AskedText => {
      return { ...model.tokenizer.encodePrompt(prompt), row, target, wording };
    });
    return { model, texts, essence: texts.slice(0, 1) };
  }

  it('says at the last layer, in the mean of the texts, what one layer alone would have said there', async () => {
    const { model, texts, essence } = await problem();
    const last = 1;
    const before = texts.map((text) => said(model, text, last));
    const [alone] = solveAtSubject(model, { texts, essence, layers: [wholeLayer(model, last)], lambda: 0 });
    const delta = alone?.changes[0]?.shift ?? new Float32Array();
    const layers = [0, last].map((layer) => wholeLayer(model, layer));
    const tensors = tf.memory().numTensors;
    const [shared] = solveAtSubject(model, { texts, essence, layers, lambda: 0 });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(model.overlay).toBe(NO_OVERLAY);
    const { changes = [] } = shared ?? {};
    expect(changes).toHaveLength(2 * model.info.neurons);
    // The lowest layer takes a half.
    changes[0]?.shift?.forEach((x, i) => {
      expect(x).toBeCloseTo((delta[i] ?? 0) / 2, 6);
    });
    edited(model, layers, changes);
    const after = texts.map((text) => said(model, text, last));
    const length = Math.hypot(...delta);
    delta.forEach((x, i) => {
      const moved = after.reduce(
        (sum, one, t) => sum + ((one[i] ?? 0) - (before[t]?.[i] ?? 0)) / texts.length,
        0,
      );
      expect((moved - x) / length).toBeCloseTo(0, 3);
    });
    model.dispose();
  });

  it("solves the normal equations of MEMIT: (lambda C + k k') w = k", async () => {
    const { model, texts, essence } = await problem();
    const lambda = 40;
    const own = wholeLayer(model, 1);
    const [solution] = solveAtSubject(model, { texts, essence, layers: [own], lambda });
    const w = (solution?.changes ?? []).map(({ gain = 0 }) => gain);
    const key = meanRow(keysAt(model, texts, 1), model.info.neurons);
    const c = covariance(model.info.neurons);
    const diagonal = c.reduce((sum, one, i) => sum + (one[i] ?? 0) / c.length, 0);
    const reach = w.reduce((sum, gain, i) => sum + gain * (key[i] ?? 0), 0);
    expect(reach).toBeGreaterThan(0);
    expect(reach).toBeLessThan(1);
    const size = Math.hypot(...key);
    c.forEach((one, i) => {
      const text = one.reduce((sum, x, j) => sum + x * (w[j] ?? 0), 0) + 1e-3 * diagonal * (w[i] ?? 0);
      expect((lambda * text + (key[i] ?? 0) * reach - (key[i] ?? 0)) / size).toBeCloseTo(0, 7);
    });
    model.dispose();
  });
});
