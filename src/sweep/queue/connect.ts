// The queue on Redis that a sweep's owner and its workers share: BullMQ, where it is installed.
import { z } from 'zod';
import { InputError, NetworkError, systemReason } from '../../errors.js';
import type { Context } from '../../session/context.js';
import { jobSchema, taskSchema } from '../job.js';
import { hashOf } from '../plan.js';
import { failureSchema, resultSchema } from '../result.js';

/** A group of jobs on its way to a worker. */
export const groupSchema = z.strictObject({ task: taskSchema, jobs: z.array(jobSchema).min(1) });
export type Group = z.infer<typeof groupSchema>;

const key = z.string();
/** What comes back. */
export const answerSchema = z.array(
  z.union([
    z.strictObject({ key, result: resultSchema }),
    z.strictObject({ key, failure: failureSchema.pick({ kind: true, message: true }) }),
  ]),
);
export type Answer = z.infer<typeof answerSchema>;

/** How long a group is a worker's without its saying so again: after that it is taken to be lost. */
export const LOCK_MS = 15_000;

/** BullMQ. @throws InputError where it is not installed */
export async function bullmq(): Promise<typeof import('bullmq')> {
  try {
    return await import('bullmq');
  } catch {
    throw new InputError(
      '--queue: needs bullmq and ioredis, which are not installed; run: npm install bullmq ioredis',
    );
  }
}

/** Whoever has the same model, with the same edits and the same facts around it, works on the same queue. */
export function queueName(context: Context): string {
  return `kn-edit-${hashOf([context.state, hashOf(context.facts)])}`;
}

/** @throws InputError when it is no address of Redis */
export function connectionTo(url: string) {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new InputError('--queue: must be the address of a Redis server: redis://HOST:PORT');
  }
  return { url, maxRetriesPerRequest: null };
}

/** What has connections to Redis. */
interface Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** Waits for the server. @throws NetworkError when it cannot be reached; later, connections are made anew */
export async function ready(url: string, one: Connected): Promise<void> {
  const failure = new Promise<never>((_, reject) => {
    one.on('error', (error: Error) => reject(error));
  });
  try {
    await Promise.race([one.waitUntilReady(), failure]);
  } catch (error) {
    await one.close().catch(() => undefined);
    const { host } = new URL(url);
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    const reason = refused ? 'the connection is refused' : systemReason(error);
    throw new NetworkError(`--queue: Redis at ${host} cannot be reached (${reason}); is it running?`);
  }
  failure.catch(() => undefined);
}
