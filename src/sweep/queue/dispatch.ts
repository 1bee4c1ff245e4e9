// The owner's side of a queue: hands the groups of its run to workers, and settles in its run what comes back. Whatever is
// lost on the way is still in the run.
import { setTimeout } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { InterruptedError } from '../../errors.js';
import type { Context } from '../../session/context.js';
import { validate } from '../../spec/json.js';
import type { SweepJob } from '../job.js';
import type { Outcome } from '../outcome.js';
import { hashOf } from '../plan.js';
import type { RunFile } from '../run-file.js';
import { answerSchema, bullmq, connectionTo, type Group, queueName, ready } from './connect.js';

/** Groups that wait for workers, or are with them, at most. */
const AHEAD = 256;
/** How often it is looked at what has come back. */
const POLL_MS = 250;
/** Groups that are looked at together. */
const PAGE = 100;

type Groups = Map<string, SweepJob[]>;

/**
 * Has everything that a run lacks computed by workers elsewhere.
 * @throws InterruptedError when the signal fires: groups that no worker has begun are taken back; NetworkError
 */
export async function dispatch(
  context: Context,
  run: RunFile,
  url: string,
  onDone: (outcomes: readonly Outcome[]) => void,
): Promise<void> {
  const { signal } = context.control;
  const { Queue } = await bullmq();
  const queue: Queue<Group> = new Queue(queueName(context), { connection: connectionTo(url) });
  await ready(url, queue);
  const sent: Groups = new Map();
  try {
    for (;;) {
      await send(run, queue, sent);
      if (sent.size === 0) return;
      const collected = await collect(run, queue, sent, onDone);
      if (signal?.aborted) throw new InterruptedError();
      if (!collected) await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await takeBack(run, queue, sent);
    await queue.close();
  }
}

/** Sends groups as far as there is room. What is there already under the same name is not sent again. */
async function send(run: RunFile, queue: Queue<Group>, sent: Groups): Promise<void> {
  const groups: Group[] = [];
  while (sent.size < AHEAD) {
    const claim = await run.claim();
    if (!claim) break;
    groups.push(claim);
    sent.set(idOf(claim.jobs), claim.jobs);
  }
  await queue.addBulk(
    groups.map((data) => ({ name: data.task.do, data, opts: { jobId: idOf(data.jobs), attempts: 1 } })),
  );
}

function idOf(jobs: readonly SweepJob[]): string {
  return hashOf(jobs.map(({ key }) => key));
}

/** Settles what has come back of this run. @returns whether that was something */
async function collect(
  run: RunFile,
  queue: Queue<Group>,
  sent: Groups,
  onDone: (outcomes: readonly Outcome[]) => void,
): Promise<boolean> {
  let found = false;
  let others = 0; // groups of other runs, which stay where they are
  for (;;) {
    const page: Job<Group>[] = await queue.getJobs(['completed', 'failed'], others, others + PAGE - 1);
    if (page.length === 0) return found;
    for (const one of page) {
      const jobs = sent.get(one.id ?? '');
      if (!jobs) {
        others++;
        continue;
      }
      const outcomes = outcomesOf(one, jobs);
      await run.settle(outcomes);
      sent.delete(one.id ?? '');
      await one.remove();
      onDone(outcomes);
      found = true;
    }
  }
}

/** One outcome per job: what a worker has sent, or else that it was lost. */
function outcomesOf({ returnvalue, failedReason }: Job<Group>, jobs: readonly SweepJob[]): Outcome[] {
  const answers = failedReason ? [] : validate('the answer of a worker', returnvalue, answerSchema);
  const byKey = new Map(answers.map((answer) => [answer.key, answer]));
  return jobs.map((job): Outcome => {
    const answer = byKey.get(job.key);
    if (answer && 'result' in answer) return { job, result: answer.result };
    return {
      job,
      failure: answer?.failure ?? { kind: 'crash', message: failedReason || 'its worker was lost' },
    };
  });
}

/** What no worker has begun is this run's again; what one has begun is collected the next time. */
async function takeBack(run: RunFile, queue: Queue<Group>, sent: Groups): Promise<void> {
  for (const [id, jobs] of sent) {
    await queue.remove(id).catch(() => undefined);
    await run.release(jobs).catch(() => undefined);
  }
}
