// What a process is asked that locates a fact in a large model, and what it answers.
import { z } from 'zod';
import { ENGINE_CHOICES } from '../../spec/choices.js';

export const jobSchema = z.object({
  /** Directory of the checkpoint. */
  model: z.string(),
  prompts: z.array(z.string()),
  /** Token id. */
  target: z.number(),
  engine: z.enum(ENGINE_CHOICES),
  /** As many as the program chooses unless given. */
  workers: z.number().optional(),
});

export const resultSchema = z.object({
  engine: z.string(),
  /** What computes there. */
  versions: z.string(),
  workers: z.number(),
  loadSeconds: z.number(),
  /** From the prompts to the neurons. */
  seconds: z.number(),
  /** Of all threads. */
  cpuSeconds: z.number(),
  /** Mean over the layers of all prompts. */
  nodes: z.number(),
  /** The largest of all of them. */
  residual: z.number(),
  /** Of the process with all its workers. */
  peakBytes: z.number(),
});

export type Job = z.infer<typeof jobSchema>;
export type Result = z.infer<typeof resultSchema>;
