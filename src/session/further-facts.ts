// What the drawn probes miss: further facts of the base, as many as the controls ask prompts anyway.
import type { Overlay } from '../lm/overlay.js';
import { type ProbeResult, type Regression, regressions } from '../probe/results.js';
import { draw, seeded } from '../random.js';
import type { Tolerance } from '../spec/edit-file.js';
import { promptKey } from '../spec/prompts.js';
import { factKeys, sameFact } from './applied-edits.js';
import { askOnce, type FactWords, isSame } from './background.js';
import type { Context } from './context.js';
import { type EncodedProbe, encodeProbes, measure, type ProbeRequest } from './measure.js';

const SEED = 20220524;

/**
 * Facts of the base as edited, in one wording each, of which no wording is among the probes already.
 * @param count how many at most; all of them where there are no more
 */
export async function drawFurther(
  context: Context,
  fact: FactWords,
  probes: readonly EncodedProbe[],
  count: number,
): Promise<EncodedProbe[]> {
  const known = new Set(probes.map(({ prompt }) => promptKey(prompt.prompt)));
  const random = seeded(SEED);
  const others = context.expected.filter((one) => !isSame(one, fact) && !sameFact(factKeys(one), known));
  const requests = draw(others, count, random).flatMap((one): ProbeRequest[] =>
    askOnce(one, random).map(({ prompt, expect }) => {
      const role = one.relation === fact.relation ? 'neighborhood' : 'unrelated';
      return { role, prompt, expect, field: 'facts.json', expectField: 'facts.json', named: false };
    }),
  );
  return encodeProbes(context, requests);
}

/** What an edit does to them. */
export interface FurtherCheck {
  /** Facts whose answer is no longer on top. */
  lost: number;
  regressions: Regression[];
}

/** Further facts, asked after an edit; before it only where that can matter. */
export class FurtherFacts {
  private readonly before = new Map<number, ProbeResult>();

  constructor(
    private readonly context: Context,
    private readonly probes: readonly EncodedProbe[],
  ) {}

  /** Their prompts. */
  get prompts(): string[] {
    return this.probes.map(({ prompt }) => prompt.prompt);
  }

  get asked(): number {
    return this.probes.length;
  }

  /** @param overlay the state after the edit */
  async check(overlay: Overlay, tolerance: Tolerance): Promise<FurtherCheck> {
    const after = await this.measure(this.probes, overlay);
    // Where the answer is on top with more than a loss leaves of certainty, nothing can have been lost.
    const sure = 1 - tolerance.maxProbabilityDrop;
    const doubtful = after.flatMap(({ rank, prob }, i) => (rank === 1 && prob >= sure ? [] : [i]));
    await this.askBefore(doubtful);
    const pairs = doubtful.flatMap((i) => {
      const [was, now] = [this.before.get(i), after[i]];
      return was && now ? [{ was, now }] : [];
    });
    return {
      lost: pairs.filter(({ was, now }) => was.rank === 1 && now.rank !== 1).length,
      regressions: regressions(
        pairs.map(({ was }) => was),
        pairs.map(({ now }) => now),
        tolerance,
      ),
    };
  }

  private async askBefore(indices: readonly number[]): Promise<void> {
    const missing = indices.filter((i) => !this.before.has(i));
    const probes = missing.flatMap((i) => this.probes[i] ?? []);
    const found = await this.measure(probes, this.context.overlay);
    found.forEach((one, k) => {
      this.before.set(missing[k] ?? 0, one);
    });
  }

  private measure(probes: readonly EncodedProbe[], overlay: Overlay): Promise<ProbeResult[]> {
    const { context } = this;
    return measure(context, probes, { overlay }, (done) => context.progress('check', done, probes.length));
  }
}
