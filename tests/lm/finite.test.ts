// What is not a number never leaves the network: neither as a probability nor as a score.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanguageModel } from '../../src/lm/language-model.js';
import { extendOverlay, NO_OVERLAY } from '../../src/lm/overlay.js';
import { questionsOf, tokensIn } from '../../src/lm/prompt.js';
import { attribute, attributeLayers, pathEnds } from '../../src/locate/attribution.js';
import { probe } from '../../src/probe/probe.js';
import { scaleActivations } from '../../src/surgery/what-if.js';
import { rewritten, type Tensor, tensor } from '../support/checkpoints.js';
import { loadGolden } from '../support/models.js';

const SETTINGS = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' } as const;
const PROMPT = 'the [MASK] is here';
/** Its tokens. */
const NAMED = '[CLS] the [MASK] is h ##er ##e [SEP]';

function asked(model: LanguageModel) {
  const prompt = model.tokenizer.encodePrompt(PROMPT);
  const target = model.tokenizer.encodeTarget('la');
  const [question] = questionsOf(prompt, tokensIn(prompt, target));
  if (!question) throw new Error('no question');
  return { probes: [{ prompt, ask: [target] }], question };
}

describe('vectors that are numbers and too large to compute with', () => {
  let model: LanguageModel;

  beforeAll(async () => {
    model = await loadGolden('bert');
    const huge = new Float32Array(model.info.hidden).map((_, i) => (i % 2 ? 3e38 : -3e38));
    const neurons = Array.from({ length: model.info.neurons }, (_, neuron) => neuron);
    model.use(
      extendOverlay(
        NO_OVERLAY,
        neurons.map((neuron) => ({ at: [1, neuron], vector: huge })),
      ),
    );
  });
  afterAll(() => model.dispose());

  const says = `of the model as edited for "${NAMED}" are not numbers`;

  it('make a probe fail that names prompt and state', () => {
    expect(() => probe(model, asked(model).probes, 1)).toThrow(says);
  });

  it('make a score map fail, whole or shared out', () => {
    const { question } = asked(model);
    expect(() => attribute(model, question, question.target, SETTINGS)).toThrow(says);
    expect(() => pathEnds(model, question, { site: 'post' }, [0, 1])).toThrow(says);
    const ends = { prob: 0.5, deltas: [0.1, 0.1, 0.1, 0.1] };
    expect(() => attributeLayers(model, question, SETTINGS, ends, [0])).toThrow(says);
  });

  it('make a reference fail in whose state they are, and spare the state without them', () => {
    const edited = model.overlay;
    const { probes } = asked(model);
    model.use(NO_OVERLAY);
    expect(() => probe(model, probes, 1, [], edited)).toThrow(says);
    expect(model.overlay).toBe(NO_OVERLAY);
    expect(probe(model, probes, 1)[0]?.asked[0]?.prob).toBeCloseTo(0.049, 3);
    model.use(edited);
  });
});

it('a base whose weights are too large, and a what-if whose factor is, fail alike', async () => {
  await loadGolden('bert').then((model) => {
    const { probes } = asked(model);
    const changes = scaleActivations([[3, 1]], Number.MAX_VALUE, model.info.neurons);
    expect(() => probe(model, probes, 1, changes)).toThrow(`of the base for "${NAMED}" are not numbers`);
    model.dispose();
  });
  const norm = 'cls.predictions.transform.LayerNorm.weight';
  const scaled = (one: Tensor) =>
    one.name === norm ? tensor(norm, one.shape, new Float32Array(32).fill(3e38)) : one;
  const model = LanguageModel.load(rewritten('bert', { tensors: (all) => all.map(scaled) }));
  expect(() => probe(model, asked(model).probes, 1)).toThrow(`of the base for "${NAMED}" are not numbers`);
  model.dispose();
});
