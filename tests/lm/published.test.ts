// Configurations in the spelling that published models have (tests/published/configurations.jsonl): each is read with the
// sizes and the number of parameters that the model is known to have, or refused for what is not supported in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/lm/config.js';
import { extentOf } from '../../src/lm/extent.js';
import { PUBLISHED } from '../support/models.js';

const line = z.object({
  name: z.string(),
  config: z.looseObject({}),
  refused: z.string().optional(),
  family: z.string().optional(),
  /** Layers, neurons a layer, width, vocabulary, longest sequence. */
  sizes: z.array(z.number()).optional(),
  parameters: z.number().optional(),
});

const models = readFileSync(join(PUBLISHED, 'configurations.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => line.parse(JSON.parse(text)));

const configOf = (value: unknown) => readConfig({ path: 'config.json', value });

it.each(models.filter(({ refused }) => !refused))('$name', ({ config, family: type, sizes, parameters }) => {
  const { family, design } = configOf(config);
  const { layers, neurons, hidden, vocabulary, maxLength } = design.sizes;
  expect(family.type).toBe(type);
  expect([layers, neurons, hidden, vocabulary, maxLength]).toEqual(sizes);
  expect(extentOf(family, design).parameters).toBe(parameters);
});

it.each(models.filter(({ refused }) => refused))('$name is refused: $refused', ({ config, refused }) => {
  expect(() => configOf(config)).toThrow(`config.json: ${refused}`);
});
