// The queue on Redis that a sweep's owner and its workers share: BullMQ, where it is installed.
import { z } from 'zod';
import { InputError, InterruptedError, KnEditError, NetworkError, systemReason } from '../../errors.js';
import { hashOf } from '../../hash.js';
import type { Context } from '../../session/context.js';
import { jobSchema, type SweepJob, taskSchema } from '../job.js';
import { COMPUTATION, failureSchema, resultSchema } from '../result.js';

/** Version of the schemas below. */
const FORM = 3;

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

/** How long the server may be away when something is asked of it; connections are made anew meanwhile. */
const PATIENCE_MS = 120_000;
/** The same once the program was told to end. */
const FAREWELL_MS = 2000;

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

/** Whoever has the same model, with the same edits and facts around it, and computes alike, works on the same queue. */
export function queueName(context: Context): string {
  return `kn-edit-${hashOf([FORM, COMPUTATION, context.state, hashOf(context.facts)])}`;
}

/** A group's name on the queue. BullMQ takes no name that is a number, which a hash can be. */
export function groupId(jobs: readonly SweepJob[]): string {
  return `group-${hashOf(jobs.map(({ key }) => key))}`;
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

export type Patient = <T>(asked: Promise<T>) => Promise<T>;

/**
 * Waits for what was asked of the server, which by itself waits for the server without end.
 * @throws NetworkError when the server is away for too long; InterruptedError when the signal has fired and it is away
 */
export function patient(url: string, signal: AbortSignal | undefined): Patient {
  const away = `--queue: Redis at ${new URL(url).host} does not answer; what is done is kept`;
  return async (asked) => {
    let timer: NodeJS.Timeout | undefined;
    let tellTime = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      tellTime = () => {
        clearTimeout(timer);
        timer = signal?.aborted
          ? setTimeout(() => reject(new InterruptedError()), FAREWELL_MS)
          : setTimeout(() => reject(new NetworkError(away)), PATIENCE_MS);
      };
    });
    tellTime();
    signal?.addEventListener('abort', tellTime);
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', tellTime);
    }
  };
}

/** Waits for the server. @throws NetworkError when it cannot be reached; later, connections are made anew */
export async function ready(url: string, one: Connected, answered: Patient): Promise<void> {
  const failure = new Promise<never>((_, reject) => {
    one.on('error', (error: Error) => reject(error));
  });
  try {
    await answered(Promise.race([one.waitUntilReady(), failure]));
  } catch (error) {
    await answered(one.close()).catch(() => undefined);
    if (error instanceof KnEditError) throw error;
    const { host } = new URL(url);
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    const reason = refused ? 'the connection is refused' : systemReason(error);
    throw new NetworkError(`--queue: Redis at ${host} cannot be reached (${reason}); is it running?`);
  }
  failure.catch(() => undefined);
}
