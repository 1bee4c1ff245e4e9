// The facts of a run on which its operation went worst and best.
import { isOperated, type ReportResult } from './results.js';

export interface Extremes {
  /** What they are ordered by. */
  by: string;
  worst: ReportResult[];
  best: ReportResult[];
}

/** Facts that are listed on each side. */
const LISTED = 8;

/** Where facts are only located, by how far their prompts agree; else by the effect in the direction that is meant. */
export function extremesOf(results: readonly ReportResult[]): Extremes {
  const operated = results.filter(isOperated);
  const lower = operated.some(({ operation }) => operation === 'suppress' || operation === 'erase');
  const score = (one: ReportResult) => {
    if (!one.effect) return one.consistency;
    return lower ? -one.effect.effect : one.effect.effect;
  };
  const among: readonly ReportResult[] = operated.length > 0 ? operated : results;
  const sorted = [...among].sort((a, b) => score(a) - score(b) || a.place - b.place);
  const listed = Math.min(LISTED, Math.floor(sorted.length / 2));
  return {
    by: operated.length > 0 ? 'effect on the fact' : "overlap of the prompts' coarse neurons",
    worst: sorted.slice(0, listed),
    best: listed > 0 ? sorted.slice(-listed).reverse() : [],
  };
}
