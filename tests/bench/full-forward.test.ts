// The benchmark's plain computation, and the suffix with all its shortcuts, against each other on a whole model.
import { expect, it } from 'vitest';
import { attributeFully } from '../../src/bench/full-forward.js';
import { attribute } from '../../src/locate/attribution.js';
import { quadrature } from '../../src/locate/quadrature.js';
import { relativeError } from '../support/golden.js';
import { loadMini } from '../support/models.js';

it('gives the same scores, in every layer', async () => {
  const model = await loadMini();
  const prompt = model.tokenizer.encodePrompt('The capital of Kazakhstan is [MASK].');
  const target = model.tokenizer.encodeTarget('Almaty');
  const settings = { rule: 'riemann-left', steps: 20, tolerance: 1e-3, site: 'post' } as const;
  const { scores } = attribute(model, prompt, target, settings);
  const { layers, neurons } = model.info;
  const plain = new Float32Array(layers * neurons);
  for (let layer = 0; layer < layers; layer++) {
    plain.set(attributeFully(model, prompt, target, layer, quadrature('riemann-left', 20)), layer * neurons);
  }
  expect(relativeError(scores, [...plain])).toBeLessThan(1e-4);
  model.dispose();
});
