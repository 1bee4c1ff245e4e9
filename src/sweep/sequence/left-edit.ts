// What an edit of a sequence leaves behind: what the edits after it are made upon, and asked for again.
import { deflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { compressedText, floats, jsonColumn } from '../../ledger/rows.js';
import { type NeuronId, vectorBytes } from '../../lm/overlay.js';
import { isOwn, type ProbeResult } from '../../probe/results.js';
import type { ApplyResult } from '../../session/apply.js';
import type { VectorChange } from '../../surgery/replay.js';

export interface LeftEdit {
  /** Its own probes and those of its neighbourhood before it; its own as it left them. */
  before: ProbeResult[];
  after: ProbeResult[];
  /** The value vectors that it changed, as they are since [H]. */
  vectors: { at: NeuronId; vector: Float32Array }[];
}

export function leftBy({ before, after }: ApplyResult, vectors: readonly VectorChange[]): LeftEdit {
  return {
    before: before.filter((one) => isOwn(one) || one.role === 'neighborhood'),
    after: after.filter(isOwn),
    vectors: vectors.map(({ at, after: vector }) => ({ at, vector })),
  };
}

const index = z.number().int().nonnegative();
const ids = z.array(index).optional();
const number = z.number().optional();

/** Of every field of a probe, since a field that is not listed is refused. */
const shape = {
  role: z.enum(['target', 'paraphrase', 'neighborhood', 'unrelated']),
  prompt: z.string(),
  expect: z.string(),
  expectId: index,
  expectIds: ids,
  expectBest: ids,
  prob: z.number(),
  rank: index,
  newId: index.optional(),
  newIds: ids,
  newBest: ids,
  newProb: number,
  newRank: index.optional(),
  oldId: index.optional(),
  oldIds: ids,
  oldProb: number,
  kl: number,
  top: z.array(z.strictObject({ id: index, token: z.string(), prob: z.number() })),
} satisfies { [Field in keyof ProbeResult]-?: z.ZodType<ProbeResult[Field]> };

const probe = z.strictObject(shape);

const kept = z.strictObject({
  before: z.array(probe),
  after: z.array(probe),
  neurons: z.array(z.tuple([index, index])),
});

/** An edit as a run's file has it: its probes and neurons as JSON, compressed, and the vectors one after the other. */
export const leftColumns = z
  .object({
    probes: compressedText.pipe(jsonColumn(kept)),
    vectors: floats,
  })
  .refine(
    ({ probes, vectors }) => vectors.length % Math.max(1, probes.neurons.length) === 0,
    'vectors: are not one for each neuron',
  )
  .transform(({ probes: { before, after, neurons }, vectors }): LeftEdit => {
    const width = vectors.length / Math.max(1, neurons.length);
    const rows = neurons.map((at, row) => ({ at, vector: vectors.slice(row * width, (row + 1) * width) }));
    return { before, after, vectors: rows };
  });

/** The same, to be written. */
export function columnsOf({ before, after, vectors }: LeftEdit): { probes: Buffer; vectors: Buffer } {
  const neurons = vectors.map(({ at }) => at);
  return {
    probes: deflateRawSync(JSON.stringify({ before, after, neurons })),
    vectors: Buffer.concat(vectors.map(({ vector }) => vectorBytes(vector))),
  };
}
