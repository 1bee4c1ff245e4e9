// Numbers of long lists: as the functions of Math say, where those can be called.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { largest, norm, smallest } from '../src/numbers.js';

it('the largest and the smallest are those of Math.max and Math.min', () => {
  fc.assert(
    fc.property(fc.array(fc.double()), (values) => {
      expect(largest(values)).toBe(Math.max(...values));
      expect(smallest(values)).toBe(Math.min(...values));
      expect(largest(values, 3)).toBe(Math.max(3, ...values));
    }),
    { seed: 1 },
  );
});

it('take more numbers than a call can have arguments', () => {
  const values = Array.from({ length: 500_000 }, (_, i) => i % 1000);
  expect(() => Math.max(...values)).toThrow(RangeError);
  expect([largest(values), smallest(values)]).toEqual([999, 0]);
  expect(norm(new Float32Array(500_000).fill(3))).toBeCloseTo(3 * Math.sqrt(500_000), 6);
});

it('the norm is that of Math.hypot to the last bit', () => {
  const components = fc.float32Array({ maxLength: 300 });
  const small = fc.float32Array({ maxLength: 300, min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(components, small), (vector) => {
      expect(norm(vector)).toBe(Math.hypot(...vector));
    }),
    { numRuns: 2000, seed: 1, examples: [[new Float32Array([Number.NaN, -Infinity])]] },
  );
});
