// The owner's side of a queue: hands the groups of its run to workers, and settles in its run what comes back. Whatever is
// lost on the way is still in the run, and is sent again.
import { setTimeout } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { InterruptedError } from '../../errors.js';
import type { Context } from '../../session/context.js';
import type { SweepJob } from '../job.js';
import type { Outcome } from '../outcome.js';
import type { RunFile } from '../run-file.js';
import {
  answerSchema,
  bullmq,
  connectionTo,
  type Group,
  groupId,
  type Patient,
  patient,
  queueName,
  ready,
} from './connect.js';

/** Groups that wait for workers, or are with them, at most. */
const AHEAD = 256;
/** How often it is looked at what has come back. */
const POLL_MS = 250;
/** Seconds after which the server forgets what nobody has collected: its owner was killed and never went on. */
const KEPT_S = 24 * 60 * 60;

interface Owner {
  run: RunFile;
  queue: Queue<Group>;
  /** What is not settled yet, by its name on the queue. */
  sent: Map<string, Group>;
  answered: Patient;
}

/**
 * Has everything that a run lacks computed by workers elsewhere.
 * @throws InterruptedError when the signal fires: groups that no worker has begun are taken back; NetworkError when the server
 *   is away for minutes
 */
export async function dispatch(
  context: Context,
  run: RunFile,
  url: string,
  onDone: (outcomes: readonly Outcome[]) => void,
): Promise<void> {
  const { signal } = context.control;
  const connection = connectionTo(url);
  const { Queue } = await bullmq();
  const queue: Queue<Group> = new Queue(queueName(context), { connection });
  const owner: Owner = { run, queue, sent: new Map(), answered: patient(url, signal) };
  await ready(url, queue, owner.answered);
  try {
    for (;;) {
      await send(owner, await claim(owner));
      if (owner.sent.size === 0) return;
      const collected = await collect(owner, onDone);
      if (signal?.aborted) throw new InterruptedError();
      if (!collected) await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await takeBack(owner);
  }
}

/** Claims groups as far as there is room. @returns their names */
async function claim({ run, sent }: Owner): Promise<string[]> {
  const ids: string[] = [];
  while (sent.size < AHEAD) {
    const group = await run.claim('sent');
    if (!group) break;
    const id = groupId(group.jobs);
    sent.set(id, group);
    ids.push(id);
  }
  return ids;
}

/** What is there already under the same name is not sent again. */
async function send({ queue, sent, answered }: Owner, ids: readonly string[]): Promise<void> {
  const age = { age: KEPT_S };
  const opts = { attempts: 1, removeOnComplete: age, removeOnFail: age };
  const groups = ids.flatMap((id) => {
    const data = sent.get(id);
    return data ? [{ name: data.task.do, data, opts: { ...opts, jobId: id } }] : [];
  });
  if (groups.length > 0) await answered(queue.addBulk(groups));
}

/** Settles what has come back, and sends what the server has no more. @returns whether something has come back */
async function collect(owner: Owner, onDone: (outcomes: readonly Outcome[]) => void): Promise<boolean> {
  const { run, queue, sent, answered } = owner;
  const ids = [...sent.keys()];
  const states = await answered(Promise.all(ids.map((id) => queue.getJobState(id))));
  // The server was started anew, or another owner of the same facts has taken the answer.
  const lost = ids.filter((_, i) => states[i] === 'unknown');
  await send(owner, lost);
  const ended = ids.filter((_, i) => states[i] === 'completed' || states[i] === 'failed');
  for (const id of ended) {
    const job: Job<Group> | undefined = await answered(queue.getJob(id));
    const group = sent.get(id);
    if (!job || !group) continue;
    const outcomes = outcomesOf(job, group.jobs);
    await run.settle(outcomes);
    sent.delete(id);
    onDone(outcomes);
    await answered(queue.remove(id));
  }
  return ended.length > 0;
}

/** One outcome per job: what a worker has sent, or else that it was lost. */
function outcomesOf({ returnvalue, failedReason }: Job<Group>, jobs: readonly SweepJob[]): Outcome[] {
  const { data: answers = [] } = answerSchema.safeParse(returnvalue);
  const byKey = new Map(answers.map((answer) => [answer.key, answer]));
  const message = failedReason || 'its worker has sent nothing that can be read';
  return jobs.map((job): Outcome => {
    const answer = byKey.get(job.key);
    if (answer && 'result' in answer && answer.result.key === job.key) return { job, result: answer.result };
    const failure = answer && 'failure' in answer ? answer.failure : { kind: 'crash' as const, message };
    return { job, failure };
  });
}

/** What no worker has begun is this run's again; what one has begun is collected the next time. */
async function takeBack({ run, queue, sent, answered }: Owner): Promise<void> {
  for (const { jobs } of sent.values()) await run.release(jobs).catch(() => undefined);
  const removed = [...sent.keys()].map((id) => queue.remove(id).catch(() => undefined));
  await answered(Promise.all(removed)).catch(() => undefined);
  // Where the server is away, the end of the connection is never told.
  await answered(queue.close()).catch(() => void queue.disconnect().catch(() => undefined));
}
