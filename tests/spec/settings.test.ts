// Presets of localizations, model by model.
import { expect, it } from 'vitest';
import { resolveSettings } from '../../src/spec/settings.js';

it.each([
  ['gpt2', 'pre'],
  ['gpt_neo', 'pre'],
  ['gptj', 'post'],
  ['gpt_neox', 'post'],
  ['bert', 'post'],
])('eleutherai, of %s: %s', (family, site) => {
  const settings = resolveSettings({ preset: 'eleutherai' }, { family, normsOutput: false });
  expect(settings).toMatchObject({ site });
});
