// SmolLM2-135M-Instruct, where it has been fetched, and its reference values: float64 on the dequantized weights.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe } from 'vitest';
import { z } from 'zod';
import { findSmolLm2 } from '../../src/bench/smollm2.js';

const neuron = z.tuple([z.number(), z.number()]);
/** P(object) and its rank, prompt by prompt. */
const answers = z.array(z.tuple([z.number(), z.number()]));
const question = z.object({
  prompt: z.string(),
  ids: z.array(z.number()),
  prob: z.number(),
  rank: z.number(),
  top: z.array(z.object({ id: z.number(), prob: z.number() })),
});

const goldenSchema = z.object({
  facts: z.array(
    z.object({
      name: z.string(),
      object: z.string(),
      objectIds: z.array(z.number()),
      label: z.number(),
      prompts: z.array(question),
      heldOut: z.array(question),
    }),
  ),
  /** Of the first fact, by `gauss-legendre-20`. */
  attribution: z.tuple([
    z.object({
      fact: z.string(),
      prompts: z.array(
        z.object({
          prompt: z.string(),
          perLayer: z.array(z.object({ sum: z.number(), delta: z.number() })),
          /** Layer, neuron and score of the thirty with the largest. */
          top30: z.array(z.tuple([z.number(), z.number(), z.number()])),
          /** Neurons with at least 0.2 of the largest score. */
          coarse: z.array(neuron),
        }),
      ),
      /** Layer and neuron of those coarse in at least 0.7 of the prompts; then that share, and the mean score. */
      refined: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
      surgery: z.object({
        otherPrompts: z.array(z.object({ prompt: z.string(), label: z.number() })),
        cases: z.array(
          z.object({
            op: z.enum(['suppress', 'amplify']),
            neurons: z.enum(['refined', 'random']),
            results: z.array(z.object({ own: answers, heldOut: answers, others: answers })),
          }),
        ),
      }),
    }),
  ]),
});

export function readSmolLm2() {
  const compressed = readFileSync(new URL('../golden/smollm2.json.gz', import.meta.url));
  return goldenSchema.parse(JSON.parse(gunzipSync(compressed).toString()));
}

/** Describes tests on the model; where it has not been fetched they are skipped, with the reason in the title. */
export function describeSmolLm2(suite: (file: string) => void): void {
  const file = findSmolLm2();
  const title = `SmolLM2${file ? '' : ' (npm run model:smollm2 fetches it)'}`;
  describe.skipIf(!file)(title, () => suite(file ?? ''));
}
