// Work that several ask for.
import { expect, it } from 'vitest';
import { once } from '../src/once.js';

it('is done once, whoever asks while it is done or later, and again where it failed', async () => {
  let times = 0;
  const fails = [true, false];
  const asked = once(async () => {
    times++;
    if (fails.shift()) throw new Error('not now');
    return times;
  });
  const all = await Promise.allSettled([asked(), asked()]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(times).toBe(1);
  expect(await Promise.all([asked(), asked()])).toEqual([2, 2]);
  expect(await asked()).toBe(2);
});
