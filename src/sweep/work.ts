// The one loop of every sweep: claim jobs, compute them, settle them, until there are none.
import { KnEditError } from '../errors.js';
import { compute, type Workshop } from './compute.js';
import type { SweepTask } from './job.js';
import { failed, type Outcome } from './outcome.js';
import type { JobStore } from './store.js';

/**
 * Computes what a store has.
 * @param workshopFor what the jobs of a task are computed with
 * @param onDone is told of outcomes that were settled
 * @throws InterruptedError when the signal fires, and whatever the store throws; what was not computed is given back before
 */
export async function work(
  workshopFor: (task: SweepTask) => Promise<Workshop>,
  store: JobStore,
  onDone: (outcomes: readonly Outcome[]) => void = () => undefined,
): Promise<void> {
  for (let claim = await store.claim(); claim; claim = await store.claim()) {
    const left = new Set(claim.jobs);
    const settle = async (outcomes: readonly Outcome[]) => {
      if (outcomes.length === 0) return;
      await store.settle(outcomes);
      for (const { job } of outcomes) left.delete(job);
      onDone(outcomes);
    };
    try {
      await compute(await workshopFor(claim.task), claim.jobs, settle);
    } catch (error) {
      if (error instanceof KnEditError) {
        await store.release([...left]).catch(() => undefined); // then it is as if this worker had ended
        throw error;
      }
      await settle([...left].map((job) => failed(job, error)));
    }
  }
}
