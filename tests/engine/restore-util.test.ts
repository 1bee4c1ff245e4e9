// Functions of Node's `util` that newer versions lack.
import util from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { restoreUtil } from '../../src/engine/backends/tensorflow/restore-util.js';

const present = Object.getOwnPropertyDescriptors(util);
afterEach(() => {
  Object.defineProperties(util, present);
});

it('puts back what is missing', () => {
  const known: Record<string, unknown> = util;
  delete known.isNullOrUndefined;
  restoreUtil();
  const { isNullOrUndefined } = known;
  if (typeof isNullOrUndefined !== 'function') throw new Error('it is missing still');
  expect([null, undefined, 0, '', false, Number.NaN, {}].map((value) => isNullOrUndefined(value))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

it('leaves alone what is there', () => {
  const before = { ...util };
  restoreUtil();
  expect({ ...util, ...before }).toEqual({ ...util });
  for (const [name, value] of Object.entries(before)) expect(Reflect.get(util, name)).toBe(value);
});
