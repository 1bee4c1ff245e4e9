// Time is shared out among the facts that were at work, none of it twice.
import { expect, it, vi } from 'vitest';
import { Meter } from '../../src/sweep/meter.js';

it('gives each edit its share of the moments at which it was at work', () => {
  let seconds = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => seconds * 1000);
  try {
    const meter = new Meter();
    seconds = 8;
    expect(meter.lap(4).seconds).toBe(2);
    const first = meter.begin();
    seconds = 9;
    const second = meter.begin();
    seconds = 11;
    meter.end(first);
    seconds = 14;
    meter.end(second);
    // 1 alone and 2 of two; 2 of two and 3 alone.
    expect([first.seconds, second.seconds]).toEqual([2, 4]);
  } finally {
    clock.mockRestore();
  }
});
