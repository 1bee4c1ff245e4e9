// A worker's side of a queue: a store whose jobs come from Redis, and whose outcomes go back there.
import { randomUUID } from 'node:crypto';
import type { Job, Worker } from 'bullmq';
import type { SweepJob } from '../job.js';
import type { Outcome } from '../outcome.js';
import type { Claim, JobStore } from '../store.js';
import {
  type Answer,
  bullmq,
  connectionTo,
  type Group,
  groupSchema,
  LOCK_MS,
  type Patient,
  patient,
  ready,
} from './connect.js';

/** Seconds for which the server is asked to wait for a group. */
const BLOCK_S = 1;
/** How often it is looked for workers that were lost. */
const STALLED_MS = 5000;

/** The group that this worker has. */
interface Held {
  job: Job<Group>;
  jobs: SweepJob[];
  answers: Answer;
  renewing: NodeJS.Timeout;
}

export class QueueStore implements JobStore {
  private readonly token = randomUUID();
  private held: Held | undefined;

  private constructor(
    private readonly worker: Worker<Group>,
    private readonly signal: AbortSignal | undefined,
    private readonly idleSeconds: number,
    private readonly answered: Patient,
  ) {}

  /**
   * @param idleSeconds how long it waits for something to do
   * @throws InputError for a wrong address; NetworkError when it cannot be reached
   */
  static async open(
    url: string,
    name: string,
    idleSeconds: number,
    signal: AbortSignal | undefined,
  ): Promise<QueueStore> {
    const connection = connectionTo(url);
    const { Worker } = await bullmq();
    const worker: Worker<Group> = new Worker(name, null, {
      connection,
      autorun: false,
      drainDelay: BLOCK_S,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: Number.MAX_SAFE_INTEGER, // it is counted in the owner's run
    });
    const answered = patient(url, signal);
    await ready(url, worker, answered);
    await answered(worker.startStalledCheckTimer());
    return new QueueStore(worker, signal, idleSeconds, answered);
  }

  async close(): Promise<void> {
    clearInterval(this.held?.renewing);
    await this.worker.close(true); // nothing is asked any more
  }

  async claim(): Promise<Claim | undefined> {
    const end = performance.now() + 1000 * this.idleSeconds;
    while (!this.signal?.aborted && performance.now() < end) {
      const job = await this.next();
      if (!job) continue;
      const { data: group, error } = groupSchema.safeParse(job.data);
      if (!group) {
        const unreadable = new Error(`its worker cannot read it: ${error.message}`);
        await this.answered(job.moveToFailed(unreadable, this.token));
        continue;
      }
      const { task, jobs } = group;
      const renewing = setInterval(
        () => void job.extendLock(this.token, LOCK_MS).catch(() => undefined),
        LOCK_MS / 3,
      );
      this.held = { job, jobs, answers: [], renewing };
      if (job.stalledCounter === 0) return { task, jobs };
      // One of its facts may have ended the worker that had it: the owner sends them again, one by one.
      await this.settle(
        jobs.map((one) => ({ job: one, failure: { kind: 'crash', message: 'its worker was lost' } })),
      );
    }
    return undefined;
  }

  private async next(): Promise<Job<Group> | undefined> {
    try {
      return await this.answered(this.worker.getNextJob(this.token));
    } catch (error) {
      if (this.signal?.aborted) return undefined;
      throw error;
    }
  }

  /** Keeps outcomes here until the last of their group is there: an answer is whole. @throws NetworkError */
  async settle(outcomes: readonly Outcome[]): Promise<void> {
    const { held } = this;
    if (!held) throw new Error('no group is held');
    for (const { job, ...what } of outcomes) held.answers.push({ key: job.key, ...what });
    if (held.answers.length < held.jobs.length) return;
    this.letGo(held);
    // Where the lock was lost, another worker has the group, and finds the same.
    const ended = held.job.moveToCompleted(held.answers, this.token, false).catch(() => undefined);
    await this.answered(ended);
  }

  async release(): Promise<void> {
    const { held } = this;
    if (!held) return;
    this.letGo(held);
    await this.answered(held.job.moveToWait(this.token));
  }

  private letGo({ renewing }: Held): void {
    clearInterval(renewing);
    this.held = undefined;
  }
}
