// Where the jobs of a sweep wait, and where their outcomes go: a file of one machine, or a queue of many.
import type { SweepJob, SweepTask } from './job.js';
import type { Outcome } from './outcome.js';

/** How often a job is tried whose worker fails, or ends, while it is computed. */
export const TRIES = 3;

/** Jobs to be computed together. */
export interface Claim {
  task: SweepTask;
  jobs: SweepJob[];
}

export interface JobStore {
  /**
   * Jobs that are this worker's until they are settled or released; undefined when there are none left. That they were tried
   * is part of the claim, so that a job which ends its worker is known the next time.
   */
  claim(): Promise<Claim | undefined>;
  /**
   * Keeps outcomes and ends their jobs, both or neither; a store may put it off until all of a claim are there. Of a job that
   * crashed too often, that it is set aside.
   */
  settle(outcomes: readonly Outcome[]): Promise<void>;
  /** Gives back jobs that were not computed, as if they had not been tried. */
  release(jobs: readonly SweepJob[]): Promise<void>;
}
