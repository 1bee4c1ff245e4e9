// A setting of a rewrite that is tried at several values, and what it does at each.
import type { SWEPT } from '../spec/choices.js';

/** A setting, and the values at which it is tried. */
export interface Sweep {
  field: (typeof SWEPT)[number];
  values: readonly number[];
}

/** What a rewrite does at one value; the shape that scripts read. */
export interface SweptValue {
  value: number;
  /** Value vectors that change. */
  neurons: number;
  verdict: string;
  effect: number;
  /** Share of neighbourhood and unrelated probes whose top answer changed; null where there are none. */
  flips: number | null;
  regressions: number;
  perplexityRise: number | null;
  /** Whether the new answer is on top everywhere, and nothing is harmed. */
  works: boolean;
}
