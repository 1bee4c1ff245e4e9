// How an applied edit stands: what is left, in the model's present state, of what it reached when it was applied.
import { type ProbeResult, type Regression, sideOf } from './results.js';

/** What an operation wants of its fact: a new answer on top, the object on top, or the object off the top. */
export type Intent = 'replace' | 'raise' | 'lower';

/**
 * `holds`: wherever the edit reached what it wants, it still does, and no probability fell by more than a tenth;
 * `lost`: less than half of that is left (of its effect, where it came to the top nowhere); `weakened`: anything between.
 * `reached nothing`: it came to the top nowhere, and had no effect either, so that there is nothing that could hold;
 * or it did the opposite of what it should (an amplification that lowers the object's probability), whatever is on top.
 */
export const STANDINGS = ['holds', 'weakened', 'lost', 'reached nothing'] as const;

export interface Standing {
  state: (typeof STANDINGS)[number];
  /** Probes (target and paraphrase) where the edit reached what it wants when it was applied, and still does. */
  kept: number;
  reached: number;
  /** Mean probability of what it wants over all of its probes, when it was applied and now. */
  probRecorded: number;
  prob: number;
}

/** A loss of probability that counts. */
const LOSS = 0.1;
/** A change of probability below which an operation has no effect. */
export const NEGLIGIBLE = 0.01;

/** Whether a probe shows what the operation wants. */
export function reaches(intent: Intent, probe: ProbeResult): boolean {
  if (intent === 'replace') return probe.newRank === 1;
  return intent === 'raise' ? probe.rank === 1 : probe.rank > 1;
}

/** Probability of what the operation wants: of the new answer, of the object, or of anything but the object. */
export function wanted(intent: Intent, { prob, newProb = 0 }: ProbeResult): number {
  if (intent === 'replace') return newProb;
  return intent === 'raise' ? prob : 1 - prob;
}

/**
 * How an edit stands.
 * @param before its own probes before it was applied, @param after as it left them, @param now as they are; in one order
 */
export function standingOf(
  intent: Intent,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
  now: readonly ProbeResult[],
): Standing {
  const mean = (probes: readonly ProbeResult[]) =>
    probes.reduce((sum, one) => sum + wanted(intent, one), 0) / Math.max(1, probes.length);
  const [start, recorded, present] = [mean(before), mean(after), mean(now)];
  const won = after.flatMap((one, i) => (reaches(intent, one) ? [now[i]] : []));
  const kept = won.filter((one) => one && reaches(intent, one)).length;
  const figures = { kept, reached: won.length, probRecorded: recorded, prob: present };
  const gain = recorded - start;
  if (gain <= -NEGLIGIBLE || (won.length === 0 && gain < NEGLIGIBLE)) {
    return { state: 'reached nothing', ...figures, kept: 0, reached: 0 };
  }
  const left = won.length > 0 ? kept / won.length : (present - start) / gain;
  const fell = after.some((one, i) => {
    const present = now[i];
    return present !== undefined && wanted(intent, one) - wanted(intent, present) > LOSS;
  });
  const state = left < 0.5 ? 'lost' : kept < won.length || fell ? 'weakened' : 'holds';
  return { state, ...figures };
}

type Loss = Omit<Regression, 'role' | 'expect'>;

/** What an edit lost between two states, probe by probe, as far as the tolerance does not allow it. */
export function lossesOf(
  intent: Intent,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
  tolerance: { top1: 'unchanged' | 'any'; maxProbabilityDrop: number },
): Loss[] {
  return before.flatMap((was, i): Loss[] => {
    const now = after[i];
    if (!now) return [];
    const side = (one: ProbeResult) => sideOf(one, wanted(intent, one));
    const found = { prompt: was.prompt, before: side(was), after: side(now) };
    if (tolerance.top1 === 'unchanged' && reaches(intent, was) && !reaches(intent, now))
      return [{ ...found, kind: 'top1' }];
    if (found.before.prob - found.after.prob > tolerance.maxProbabilityDrop)
      return [{ ...found, kind: 'probability' }];
    return [];
  });
}

/** The same where nothing is left, because the model's answers are no numbers any more. */
export function everythingOf(intent: Intent, before: readonly ProbeResult[]): Loss[] {
  return before
    .filter((was) => reaches(intent, was))
    .map((was) => ({
      prompt: was.prompt,
      kind: 'top1',
      before: sideOf(was, wanted(intent, was)),
      after: { answer: 'no number', answerProb: 0, prob: 0 },
    }));
}
