// What the drawn probes miss: further facts of the base, as many as the controls ask prompts anyway.
import type { Overlay } from '../lm/overlay.js';
import type { ProbeResult } from '../probe/results.js';
import { draw, seeded } from '../random.js';
import { askOnce, type FactWords, isSame } from './background.js';
import type { Context } from './context.js';
import { type EncodedProbe, encodeProbes, measure, type ProbeRequest } from './measure.js';

/** What became of further facts; the shape that scripts read. */
export interface FurtherFacts {
  /** Facts that were asked, and how many the base has. */
  asked: number;
  facts: number;
  /** Facts whose top answer changed. */
  flips: number;
}

const SEED = 20220524;

/**
 * Facts of the base as edited, in one wording each, that are not among the probes already.
 * @param count how many at most; all of them where there are no more
 */
export async function drawFurther(
  context: Context,
  fact: FactWords,
  probes: readonly EncodedProbe[],
  count: number,
): Promise<EncodedProbe[]> {
  const known = new Set(probes.map(({ prompt }) => prompt.prompt));
  const random = seeded(SEED);
  const others = context.expected.filter((one) => !isSame(one, fact));
  const requests = draw(others, count, random).flatMap((one): ProbeRequest[] =>
    askOnce(one, random).flatMap(({ prompt, expect }) => {
      if (known.has(prompt)) return [];
      const role = one.relation === fact.relation ? 'neighborhood' : 'unrelated';
      return [{ role, prompt, expect, field: 'facts.json', expectField: 'facts.json', named: false }];
    }),
  );
  return encodeProbes(context, requests);
}

/** Probes of one task: it can be stopped between two of them, and several workers share the work. */
const PART = 256;

/** Measures many probes, in their order. */
export async function measureInParts(
  context: Context,
  probes: readonly EncodedProbe[],
  overlay: Overlay,
): Promise<ProbeResult[]> {
  const starts = Array.from({ length: Math.ceil(probes.length / PART) }, (_, i) => i * PART);
  let done = 0;
  const parts = await Promise.all(
    starts.map(async (start) => {
      const found = await measure(context, probes.slice(start, start + PART), { overlay });
      done += found.length;
      context.progress('check', done, probes.length);
      return found;
    }),
  );
  return parts.flat();
}
