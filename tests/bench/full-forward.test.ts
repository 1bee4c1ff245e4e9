// The benchmark's plain computation, and the suffix with all its shortcuts, against each other on whole models.
import { expect, it } from 'vitest';
import { attributeFully } from '../../src/bench/full-forward.js';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { attribute } from '../../src/locate/attribution.js';
import { quadrature } from '../../src/locate/quadrature.js';
import { KINDS, relativeError } from '../support/golden.js';
import { loadGolden, loadMini } from '../support/models.js';

// Longer than the window of the small GPT-Neo's local layers.
const PROMPT = 'Nobody doubts any more that the capital of Kazakhstan is [MASK].';

function compare(model: LanguageModel) {
  const prompt = model.tokenizer.encodePrompt(PROMPT);
  expect(prompt.ids.length).toBeGreaterThan(8);
  const [target = 0] = model.tokenizer.encodeTarget('Almaty').ids;
  const settings = { rule: 'riemann-left', steps: 20, tolerance: 1e-3, site: 'post' } as const;
  const { scores } = attribute(model, prompt, target, settings);
  const { layers, neurons } = model.info;
  const plain = new Float32Array(layers * neurons);
  for (let layer = 0; layer < layers; layer++) {
    plain.set(attributeFully(model, prompt, target, layer, quadrature('riemann-left', 20)), layer * neurons);
  }
  expect(relativeError(scores, [...plain])).toBeLessThan(1e-4);
  model.dispose();
}

it('gives the same scores, in every layer of kn-mini', async () => compare(await loadMini()));

it.each(KINDS)('gives the same scores, in every layer of the small %s', async (family) =>
  compare(await loadGolden(family)),
);
