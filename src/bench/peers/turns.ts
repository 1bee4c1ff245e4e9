// Contestants: processes that hold a model and a prompt, and attribute once for every line that they are sent. So they can
// take turns, and what else the machine does meets all of them alike.
import { z } from 'zod';
import { ENGINES } from '../../spec/choices.js';
import { startChild } from '../child.js';

/** What every contestant is asked, as its first argument (JSON). */
const jobSchema = z.object({
  /** Directory of the checkpoint. */
  model: z.string(),
  prompt: z.string(),
  question: z.object({ ids: z.array(z.number()), position: z.number(), target: z.number() }),
  threads: z.number(),
});

/** A job for kn-edit. */
export const ownJobSchema = jobSchema.extend({ engine: z.enum(ENGINES) });

export type Job = z.infer<typeof jobSchema>;
export type OwnJob = z.infer<typeof ownJobSchema>;

/** A job for PyTorch. */
export interface PeerJob extends Job {
  nodes: number;
  /** Checkout of EleutherAI/knowledge-neurons; null: plain hooks. */
  tool: string | null;
}

/** The first line of an answer, when the model is loaded and has attributed once. */
const readySchema = z.object({
  /** What computes there. */
  versions: z.string(),
  threads: z.number(),
  /** P(target). */
  prob: z.number(),
  /** The largest of all layers. */
  residual: z.number(),
  /** Mean over the layers. */
  nodes: z.number(),
});

/** All further lines, one a turn. */
const turnSchema = z.object({
  seconds: z.number(),
  /** Of all threads; null where they are in other processes. */
  cpuSeconds: z.number().nullable(),
});

export type Ready = z.infer<typeof readySchema>;
export type Turn = z.infer<typeof turnSchema>;

export interface Contestant {
  ready: Ready;
  /** Attributes once. */
  turn(): Promise<Turn>;
  close(): void;
}

/**
 * Starts a contestant.
 * @param name of it, for what is said when it fails
 * @throws InputError when it cannot be run, fails, or says something else than it should
 */
export async function start(name: string, command: string, args: readonly string[]): Promise<Contestant> {
  const child = startChild(name, command, args);
  try {
    const ready = await child.next(readySchema);
    const turn = () => {
      child.send('');
      return child.next(turnSchema);
    };
    return { ready, turn, close: child.close };
  } catch (error) {
    child.close();
    throw error;
  }
}
