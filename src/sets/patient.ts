// Long loops that let what waits have its turn, so that Ctrl-C is seen before they are through.
import { setImmediate } from 'node:timers/promises';
import { InterruptedError } from '../errors.js';

/** How long a loop may keep everything else waiting. */
const TURN_MS = 50;

/** Gives some things one by one. @throws InterruptedError when the signal fires */
export async function* patiently<T>(items: Iterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  let last = performance.now();
  for (const item of items) {
    yield item;
    if (performance.now() - last < TURN_MS) continue;
    await setImmediate();
    if (signal?.aborted) throw new InterruptedError();
    last = performance.now();
  }
}
