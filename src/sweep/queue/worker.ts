// A worker of sweeps: computes whatever is sent for its model, until nothing comes any more, or it is stopped.
import { InputError, InterruptedError } from '../../errors.js';
import { hashOf } from '../../hash.js';
import { once } from '../../once.js';
import { type BackgroundFact, refinedBackground } from '../../session/background.js';
import type { Context } from '../../session/context.js';
import type { SweepTask } from '../job.js';
import type { WorkSummary } from '../options.js';
import { work } from '../work.js';
import { queueName } from './connect.js';
import { QueueStore } from './queue-store.js';

/**
 * @param idleSeconds how long it waits for something to do
 * @throws InterruptedError when the signal fires, after its group was given back; NetworkError
 * @internal
 */
export async function workOn(context: Context, url: string, idleSeconds: number): Promise<WorkSummary> {
  const start = performance.now();
  const store = await QueueStore.open(url, queueName(context), idleSeconds, context.control.signal);
  const backgrounds = new Map<string, () => Promise<BackgroundFact[]>>();
  const workshopFor = async (task: SweepTask) => {
    const key = hashOf(task.settings);
    const found = backgrounds.get(key) ?? once(() => refinedBackground(context, task.settings));
    backgrounds.set(key, found);
    return { context: context.detached(), task, background: () => found().catch(groupsFault) };
  };
  let facts = 0;
  let failed = 0;
  try {
    await work(workshopFor, store, (outcomes) => {
      facts += outcomes.length;
      failed += outcomes.filter((one) => 'failure' in one).length;
    });
  } finally {
    await store.close();
  }
  if (context.control.signal?.aborted) throw new InterruptedError(`interrupted; ${facts} facts are done`);
  return { facts, failed, seconds: (performance.now() - start) / 1000 };
}

/** What one group asks for does not end a worker: as a defect, it is the group's failure, which its owner counts. */
function groupsFault(error: unknown): never {
  if (error instanceof InputError) throw new Error(error.message);
  throw error;
}
