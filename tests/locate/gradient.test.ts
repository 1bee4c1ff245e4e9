// The hand-written backward pass against finite differences, and the memory that attribution leaves behind.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import type { EncodedPrompt } from '../../src/lm/prompt.js';
import { suffix, trace } from '../../src/lm/transformer.js';
import { attribute } from '../../src/locate/attribution.js';
import type { Site } from '../../src/locate/score-map.js';
import { probe } from '../../src/probe/probe.js';
import { describeOnEngines } from '../support/engines.js';
import { KINDS, KINKED, readGolden } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

await describeOnEngines(KINDS, ['wasm', 'tensorflow'], (family, engine) => {
  const [fact] = readGolden(family).facts;
  const label = fact?.label ?? 0;
  let model: LanguageModel;
  let prompt: EncodedPrompt;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
    prompt = model.tokenizer.encodePrompt(fact?.prompts.at(-1)?.prompt ?? '');
  });

  it('suffix gradient equals central differences, in every layer and several directions', () => {
    const { hidden, layers } = model.info;
    for (let layer = 0; layer < layers; layer++) {
      const once = trace(model.network, [prompt]);
      const inputs = once.inputs[layer];
      const block = model.network.blocks[layer];
      if (!inputs || !block) throw new Error('no such layer');
      const u = tf.tidy(() => block.value.apply(block.activate(inputs).y).y);
      const logitAt = (step: tf.Tensor2D) =>
        tf.tidy(() => suffix(model.network, once, layer, tf.add(u, step)).y.arraySync()[0]?.[label] ?? 0);
      const gradient = tf.tidy(() => {
        const after = suffix(model.network, once, layer, u);
        const one = tf.oneHot(tf.tensor1d([label], 'int32'), model.info.vocabulary) as tf.Tensor2D;
        return after.back(tf.cast(one, 'float32')).arraySync()[0] ?? [];
      });
      for (const seed of [1, 2, 3]) {
        const direction = tf.randomNormal<tf.Rank.R2>([1, hidden], 0, 1, 'float32', seed) as tf.Tensor2D;
        const epsilon = 1e-2;
        const up = tf.mul<tf.Tensor2D>(direction, epsilon);
        const down = tf.mul<tf.Tensor2D>(direction, -epsilon);
        const difference = (logitAt(up) - logitAt(down)) / (2 * epsilon);
        const along = (direction.arraySync()[0] ?? []).reduce((sum, d, i) => sum + d * (gradient[i] ?? 0), 0);
        expect(Math.abs(along - difference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
        tf.dispose([direction, up, down]);
      }
      tf.dispose([once, u]);
    }
  });

  it.each(['post', 'pre'] as Site[])('scores at site %s are complete', (site) => {
    const path = model.info.normsOutput ? ('frozen-norm' as const) : ('plain' as const);
    const kinked = KINKED.includes(family);
    const rule = kinked ? ('adaptive' as const) : ('gauss-legendre' as const);
    const settings = { rule, steps: 64, tolerance: 1e-3, site, path };
    const { completeness } = attribute(model, prompt, label, settings);
    for (const { residual } of completeness) expect(residual).toBeLessThan(kinked ? 1e-3 : 2e-4);
  });

  it('the suffix from any layer, unchanged, gives the forward pass', () => {
    const once = trace(model.network, [prompt]);
    const expected = once.logits.arraySync()[0] ?? [];
    once.inputs.forEach((inputs, layer) => {
      const found = tf.tidy(() => {
        const block = model.network.blocks[layer];
        if (!block) throw new Error('no such layer');
        const u = block.value.apply(block.activate(inputs).y).y;
        return suffix(model.network, once, layer, tf.tile(u, [3, 1])).y.arraySync();
      });
      for (const row of found) {
        for (const [i, logit] of row.entries()) expect(logit).toBeCloseTo(expected[i] ?? 0, 4);
      }
    });
    tf.dispose(once);
  });

  it('leaves no tensor behind', () => {
    const settings = { rule: 'adaptive' as const, steps: 20, tolerance: 1e-4, site: 'post' as const };
    attribute(model, prompt, label, settings); // the first run may keep what later ones use
    const before = tf.memory().numTensors;
    attribute(model, prompt, label, settings);
    attribute(model, prompt, label, { ...settings, site: 'pre' });
    probe(model, [{ prompt, ask: [model.tokenizer.encodeTarget({ id: label })] }], 5);
    model.embedding([label]);
    model.readoutDirection([label]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
