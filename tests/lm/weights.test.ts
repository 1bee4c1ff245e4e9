// The weights of every family, as noise meets them: all of them, each at work, tied ones as one, and back afterwards.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/lm/config.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { type Held, holding, valuesIn } from '../../src/lm/layers/weight.js';
import { Parts } from '../../src/lm/parts.js';
import { type Question, questionsOf, tokensIn } from '../../src/lm/prompt.js';
import { trace } from '../../src/lm/transformer.js';
import { attribute } from '../../src/locate/attribution.js';
import { scoreMapsOf, withNoisyWeights } from '../../src/locate/noise.js';
import { gaussian, seeded } from '../../src/random.js';
import { parseNoise } from '../../src/spec/noise.js';
import { rewritten } from '../support/checkpoints.js';
import { goldenDirectory, KINDS, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const SETTINGS = { rule: 'gauss-legendre', steps: 4, tolerance: 1e-3, site: 'post' } as const;

/** Elements of all parameters that `config.json` asks for. */
function parametersOf(directory: string): number {
  const { family, design } = readConfig(join(directory, 'config.json'));
  const parts = new Parts(family.layout);
  design.plan(parts);
  return [...parts.shapes.values()].reduce((sum, shape) => sum + tf.util.sizeFromShape(shape), 0);
}

/** What weights are kept in, those that are tied once. */
function heldBy({ network }: LanguageModel): Held[] {
  return [...new Set(network.weights().map(({ held }) => held))];
}

function elementsOf(model: LanguageModel): number {
  return heldBy(model).reduce((sum, held) => sum + tf.util.sizeFromShape([...held.shape]), 0);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function stateOf(model: LanguageModel): string {
  const hash = createHash('sha256');
  for (const { held } of model.network.weights()) hash.update(bytesOf(valuesIn(held)));
  return hash.digest('hex');
}

describe.each(KINDS)('weights, %s', (family) => {
  let model: LanguageModel;
  let question: Question;

  beforeAll(async () => {
    model = await loadGolden(family);
    const prompt = model.tokenizer.encodePrompt('People in Egypt speak [MASK].');
    const [first] = questionsOf(prompt, tokensIn(prompt, model.tokenizer.encodeTarget('Arabic')));
    if (!first) throw new Error('no question');
    question = first;
  });

  it('are all the parameters of the checkpoint', () => {
    const { layers, hidden } = model.info;
    const elements = elementsOf(model);
    // Biases that the family does not have are zeros in linear layers, and nothing in norms.
    const zeros = family === 'gpt-neo' ? 3 * layers * hidden : 0;
    const nothing = family === 'modernbert' ? 2 * (layers + 1) * hidden : 0;
    expect(elements - zeros + nothing).toBe(parametersOf(goldenDirectory(family)));
  });

  it('are each the one that the network works with', () => {
    const logits = () => {
      const traced = trace(model.network, [question]);
      const bytes = Buffer.from(bytesOf(traced.logits.dataSync<'float32'>()));
      tf.dispose(traced);
      return bytes;
    };
    const clean = logits();
    // Added, for zeros; the bias of keys shifts all scores of a row alike, so that rounding alone shows it.
    const idle = model.network.weights().filter((weight, i) => {
      const normal = gaussian(seeded(i + 1));
      const other = valuesIn(weight.held).map((value) => value + normal());
      const own = weight.exchange(holding(other, weight.held));
      const same = logits().equals(clean);
      weight.exchange(own).dispose();
      return same;
    });
    expect(idle.map(({ held }) => held.shape)).toEqual([]);
    expect(logits().equals(clean)).toBe(true);
  });

  it('that are tied stay tied, and others apart', () => {
    const areTied = () => model.network.words === model.network.weights()[0]?.held;
    const [embeddings] = model.network.weights();
    const tied = areTied();
    withNoisyWeights(model.network, 0.5, 1, () => {
      expect(model.network.weights()[0]?.held).not.toBe(embeddings?.held);
      expect(areTied()).toBe(tied);
    });
    expect(areTied()).toBe(tied);
  });

  it('are byte for byte what they were after noise, with the scores', () => {
    const noise = parseNoise('fusiongrad:samples=2,inputSamples=1'); // in the weights, and in the embeddings
    const clean = () => attribute(model, question, question.target, SETTINGS).scores;
    const scores = clean();
    const state = stateOf(model);
    const { numTensors, numBytes } = tf.memory();
    const [noisy] = scoreMapsOf(model, [question], { ...SETTINGS, noise });
    expect(relativeError(noisy?.scores ?? [], [...scores])).toBeGreaterThan(1e-2);
    expect(stateOf(model)).toBe(state);
    expect(clean()).toEqual(scores);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });
});

it.each(['bert', 'gpt2'])('output embeddings of their own are a weight of their own, %s', (family) => {
  const decoder = family === 'bert' ? 'cls.predictions.decoder.weight' : 'lm_head.weight';
  const words = family === 'bert' ? 'bert.embeddings.word_embeddings.weight' : 'transformer.wte.weight';
  const directory = rewritten(family, {
    tensors: (all) => [
      ...all.filter(({ name }) => name !== decoder),
      ...all.filter(({ name }) => name === words).map((one) => ({ ...one, name: decoder })),
    ],
    config: (config) => ({ ...config, tie_word_embeddings: false }),
  });
  const model = LanguageModel.load(directory);
  const elements = elementsOf(model);
  expect(elements).toBe(parametersOf(directory));
  withNoisyWeights(model.network, 0.5, 1, () => {
    const [embeddings] = model.network.weights();
    expect(
      relativeError(model.network.words.values(), [...(embeddings ? valuesIn(embeddings.held) : [])]),
    ).toBeGreaterThan(0.1);
  });
  model.dispose();
});
