// The memory that threads share for weights: filled once, whatever becomes of the thread that fills it.
import { once } from 'node:events';
import { threadId, Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { WeightStore } from '../../src/lm/weight-store.js';

const MODULE = new URL('../../dist/lm/weight-store.js', import.meta.url).href;

/** A thread that begins to fill a store, says so, and never ends. */
async function stuck(store: WeightStore): Promise<Worker> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(MODULE)}).then(({ WeightStore }) =>
      new WeightStore(workerData).once(() => {
        parentPort.postMessage('filling');
        for (;;);
      }),
    );`,
    { eval: true, workerData: store.buffer },
  );
  await once(worker, 'message');
  return worker;
}

it('is filled once, and again after that has failed', () => {
  const store = WeightStore.large([]);
  const fail = () => {
    throw new Error('unreadable');
  };
  let filled = 0;
  const fill = () => {
    filled++;
  };
  expect(() => store.once(fail)).toThrow('unreadable');
  store.once(fill);
  store.once(fill);
  store.abandon([]);
  store.once(fill);
  expect(filled).toBe(1);
});

it('is filled anew when the thread that was about it has ended, and not before', async () => {
  const store = WeightStore.large([]);
  const worker = await stuck(store);
  const state = () => Atomics.load(new Int32Array(store.buffer), 0);
  const filling = state();
  store.abandon([threadId, worker.threadId]);
  expect(state()).toBe(filling);
  await worker.terminate();
  store.abandon([threadId]);
  let filled = false;
  store.once(() => {
    filled = true;
  });
  expect(filled).toBe(true);
});
