// What a measuring process is asked, and what it answers.
import { z } from 'zod';
import { ENGINES } from '../spec/choices.js';

export const METHODS = [
  'full forward',
  'suffix only',
  'adaptive',
  'adaptive at once',
  'three nodes',
] as const;

export type Method = (typeof METHODS)[number];

export const jobSchema = z.discriminatedUnion('kind', [
  /** The engine alone: how fast it multiplies. */
  z.object({ kind: z.literal('engine'), engine: z.enum(ENGINES) }),
  /** One thread: prompts, one after the other. */
  z.object({
    kind: z.literal('thread'),
    engine: z.enum(ENGINES),
    directory: z.string(),
    method: z.enum(METHODS),
    prompts: z.number(),
    /** Tokens; for a model without a fact base, whose facts would be asked otherwise. */
    length: z.number(),
    /** Run that often; the fastest counts. */
    repeats: z.number(),
  }),
  /** One thread, one prompt by `adaptive`: where its time goes. */
  z.object({
    kind: z.literal('shares'),
    engine: z.enum(ENGINES),
    directory: z.string(),
    length: z.number(),
    repeats: z.number(),
  }),
  /** A pool of workers: one prompt, its layers shared out. */
  z.object({
    kind: z.literal('workers'),
    engine: z.enum(ENGINES),
    directory: z.string(),
    workers: z.number(),
    length: z.number(),
    repeats: z.number(),
  }),
]);

export type Job = z.infer<typeof jobSchema>;

export const resultSchema = z.object({
  /** What computes there; of an engine alone. */
  versions: z.string(),
  /** Of one prompt. */
  seconds: z.number(),
  /** Of all cores together: where it exceeds what the cores had time for, others were using them. */
  cpuSeconds: z.number(),
  nodes: z.number(),
  residual: z.number(),
  gflops: z.number(),
  peakBytes: z.number(),
  /** Resident size and tensors after the first tenth of the prompts, and after all of them. */
  growth: z.object({ bytes: z.tuple([z.number(), z.number()]), tensors: z.tuple([z.number(), z.number()]) }),
  /** Seconds in matrix products, and in everything else, part by part, the longest first. */
  products: z.number(),
  rest: z.array(z.object({ name: z.string(), seconds: z.number() })),
});

export type Result = z.infer<typeof resultSchema>;
