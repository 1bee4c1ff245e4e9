// Forward pass against the reference implementation, on every engine.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { LanguageModel } from '../../src/lm/language-model.js';
import { trace } from '../../src/lm/transformer.js';
import { probe } from '../../src/probe/probe.js';
import { describeOnEngines } from '../support/engines.js';
import {
  factsOn,
  goldenDirectory,
  KINDS,
  MODERN,
  ratioError,
  readGolden,
  relativeError,
} from '../support/golden.js';
import { loadGolden } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Of probabilities. The quiet mistakes of a family (another eps, another GELU) move them by 2e-4 and more. */
const TOLERANCE = 5e-5;

it('every golden checkpoint is tested', () => {
  const found = readdirSync(goldenDirectory('.'), { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(found.map(({ name }) => name).sort()).toEqual([...KINDS].sort());
});

await describeOnEngines(KINDS, ['wasm', 'wasm+blas', 'cpu', 'tensorflow', 'webgpu'], (family, engine) => {
  const facts = factsOn(engine, readGolden(family));
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });

  it('gives probabilities, ranks and top answers', () => {
    for (const { prompts, label, newLabel } of facts) {
      const questions = prompts.map(({ prompt }) => ({
        prompt: model.tokenizer.encodePrompt(prompt),
        ask: [label, newLabel].map((id) => model.tokenizer.encodeTarget({ id })),
      }));
      const answers = probe(model, questions, 5);
      prompts.forEach(({ prob, rank, newProb, top }, i) => {
        expect(ratioError(answers[i]?.asked[0]?.prob, prob)).toBeLessThan(TOLERANCE);
        expect(answers[i]?.asked[0]?.rank).toBe(rank);
        expect(ratioError(answers[i]?.asked[1]?.prob, newProb)).toBeLessThan(TOLERANCE);
        expect(answers[i]?.top.map(({ id }) => id)).toEqual(top.map(({ id }) => id));
        top.forEach(({ token }, k) => {
          if (/^[#Ġ]*[A-Za-z]+$/.test(token)) {
            expect(answers[i]?.top[k]?.token).toBe(token.replace('Ġ', '␣'));
          }
        });
        top.forEach((one, k) => {
          expect(ratioError(answers[i]?.top[k]?.prob, one.prob)).toBeLessThan(TOLERANCE);
        });
      });
    }
  });

  it('gives the intermediate activations at the target position', () => {
    for (const { prompt, activations } of facts.flatMap(({ prompts }) => prompts)) {
      const once = trace(model.network, [model.tokenizer.encodePrompt(prompt)]);
      activations.forEach((expected, layer) => {
        const found = tf.tidy(() => {
          const inputs = once.inputs[layer];
          return inputs ? model.network.blocks[layer]?.activate(inputs).y.dataSync() : undefined;
        });
        expect(relativeError(found ?? [], expected)).toBeLessThan(1e-5);
      });
      tf.dispose(once);
    }
  });
});

it.each([...MODERN])('%s: the spelling of the files on the hub gives the same logits', async (kind) => {
  const directory = temporaryDirectory();
  cpSync(goldenDirectory(kind), directory, { recursive: true });
  rmSync(join(directory, 'config.json'));
  cpSync(join(directory, 'config.hub.json'), join(directory, 'config.json'));
  const [own, other] = [await loadGolden(kind), LanguageModel.load(directory)];
  for (const { prompt } of readGolden(kind).facts.flatMap(({ prompts }) => prompts)) {
    const logits = (model: LanguageModel) =>
      tf.tidy(() => trace(model.network, [model.tokenizer.encodePrompt(prompt)]).logits.dataSync());
    expect(logits(other)).toEqual(logits(own));
  }
  own.dispose();
  other.dispose();
});
