// Rotary positions: their frequencies by closed forms, both spellings, and what is refused.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { frequencies, ropeFields } from '../../src/lm/families/rope.js';

const schema = z.object(ropeFields);
const read = (config: unknown, width = 8, theta = 10_000) =>
  frequencies(schema.parse(config), width, { theta });

const LLAMA3 = {
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 32,
};

it('falls geometrically from 1', () => {
  expect(read({})).toEqual([1, 0.1, 0.01, 0.001].map((f) => expect.closeTo(f, 12)));
});

it('turns a part of each head', () => {
  expect(read({ partial_rotary_factor: 0.5 })).toEqual([1, 0.01].map((f) => expect.closeTo(f, 12)));
});

it.each([
  ['top', { rope_theta: 500, rope_scaling: { type: 'linear', factor: 4 } }],
  ['parameters', { rope_parameters: { rope_type: 'linear', rope_theta: 500, factor: 4 } }],
])('linear scaling divides (%s)', (_, config) => {
  expect(read(config, 4)).toEqual([1 / 4, 500 ** -0.5 / 4].map((f) => expect.closeTo(f, 12)));
});

it('llama3 keeps short waves, stretches long ones, and goes from one to the other between', () => {
  const found = read({ rope_theta: 10_000, rope_scaling: { rope_type: 'llama3', ...LLAMA3 } }, 20);
  const plain = Array.from({ length: 10 }, (_, k) => 10_000 ** (-k / 10));
  found.forEach((f, k) => {
    const own = plain[k] ?? 0;
    const wave = (2 * Math.PI) / own;
    if (wave < 8) expect(f).toBeCloseTo(own, 12);
    else if (wave > 32) expect(f).toBeCloseTo(own / 8, 12);
    else {
      expect(f).toBeLessThan(own);
      expect(f).toBeGreaterThan(own / 8);
    }
  });
});

it('takes divisors as they stand', () => {
  const factors = [1, 2, 4, 8];
  expect(read({ rope_scaling: { rope_type: 'factors', factors } })).toEqual(
    [1, 0.05, 0.0025, 0.000125].map((f) => expect.closeTo(f, 12)),
  );
});

it.each(['yarn', 'dynamic', 'longrope', 'su'])('%s is refused by its name', (type) => {
  for (const config of [{ rope_scaling: { type } }, { rope_parameters: { rope_type: type } }]) {
    expect(() => schema.parse(config)).toThrow(`\\"${type}\\" is not supported`);
  }
});

it.each([
  ['without its numbers', { rope_type: 'llama3', factor: 8 }, 'low_freq_factor'],
  ['without a type', { factor: 4 }, 'factor alone does not say how positions are scaled'],
  [
    'whose short waves are long ones',
    { rope_type: 'llama3', ...LLAMA3, high_freq_factor: 1 },
    'must exceed low_freq_factor',
  ],
])('a scaling %s is refused', (_, scaling, message) => {
  for (const config of [{ rope_scaling: scaling }, { rope_parameters: scaling }]) {
    expect(() => schema.parse(config)).toThrow(message);
  }
});

it('a factor beside the default is none of its business', () => {
  expect(read({ rope_parameters: { rope_type: 'default', factor: 8 } })).toEqual(read({}));
});
