// Forward pass and tokenizer against the reference implementation, on every engine.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { trace } from '../../src/lm/transformer.js';
import { probe } from '../../src/probe/probe.js';
import { describeOnEngines } from '../support/engines.js';
import { FAMILIES, readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

await describeOnEngines(FAMILIES, ['wasm', 'wasm+blas', 'cpu', 'tensorflow'], (family, engine) => {
  const golden = readGolden(family);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });

  it('tokenizes prompts and finds the mask', () => {
    for (const { prompt, ids, position } of golden.facts.flatMap(({ prompts }) => prompts)) {
      expect(model.tokenizer.encodePrompt(prompt)).toMatchObject({ ids, position });
    }
  });

  it('tokenizes other texts', () => {
    for (const { text, ids } of golden.tokenizer) {
      const mask = model.tokenizer.encodePrompt(`${text}[MASK]`);
      const causal = mask.position === mask.ids.length - 1;
      const own = causal ? mask.ids : mask.ids.filter((_, i) => i !== mask.position);
      // A space before the answer belongs to the answer.
      const expected = causal && text.endsWith(' ') ? ids.slice(0, -1) : ids;
      if (text.endsWith(' ') && !causal) continue; // a mask may swallow it
      expect(own).toEqual(expected);
    }
  });

  it('gives probabilities, ranks and top answers', () => {
    for (const { prompts, label, newLabel } of golden.facts) {
      const questions = prompts.map(({ prompt }) => ({
        prompt: model.tokenizer.encodePrompt(prompt),
        ask: [label, newLabel].map((id) => model.tokenizer.encodeTarget({ id })),
      }));
      const answers = probe(model, questions, 5);
      prompts.forEach(({ prob, rank, newProb, top }, i) => {
        expect(answers[i]?.asked[0]?.prob).toBeCloseTo(prob, 6);
        expect(answers[i]?.asked[0]?.rank).toBe(rank);
        expect(answers[i]?.asked[1]?.prob).toBeCloseTo(newProb, 6);
        expect(answers[i]?.top.map(({ id }) => id)).toEqual(top.map(({ id }) => id));
        top.forEach(({ token }, k) => {
          if (/^[#Ġ]*[A-Za-z]+$/.test(token)) {
            expect(answers[i]?.top[k]?.token).toBe(token.replace('Ġ', '␣'));
          }
        });
        top.forEach((one, k) => {
          expect(answers[i]?.top[k]?.prob).toBeCloseTo(one.prob, 5);
        });
      });
    }
  });

  it('gives the intermediate activations at the target position', () => {
    for (const { prompt, activations } of golden.facts.flatMap(({ prompts }) => prompts)) {
      const once = trace(model.network, [model.tokenizer.encodePrompt(prompt)]);
      activations.forEach((expected, layer) => {
        const found = tf.tidy(() => {
          const z = once.z[layer];
          return z ? model.network.blocks[layer]?.activate(z).y.dataSync() : undefined;
        });
        expect(relativeError(found ?? [], expected)).toBeLessThan(1e-5);
      });
      tf.dispose(once);
    }
  });
});
