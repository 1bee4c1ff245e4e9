// By how much an operation raises perplexity, over facts (Dai et al. 2022, section 5).
import type { MeasureName } from './definitions.js';
import { type Measure, measureOf, type Options, type Value } from './measure.js';
import { type Statistic, weightedMean } from './statistics.js';

/** Of one fact: mean of -log P over its prompts. */
export interface Surprise {
  before: number;
  after: number;
}

/** exp(mean over facts of their mean -log P), after less before. */
export function perplexityRise(
  name: MeasureName,
  relation: string | null,
  facts: readonly Value<Surprise>[],
  options: Options = {},
): Measure[] {
  const mean = (parts: readonly Surprise[], side: keyof Surprise): Statistic => {
    const log = weightedMean(parts.map((one) => one[side]));
    return (weights) => Math.exp(log(weights));
  };
  const before = mean(
    facts.map(({ value }) => value),
    'before',
  )(new Uint8Array(facts.length).fill(1));
  const rise = (parts: readonly Surprise[]) => {
    const [after, was] = [mean(parts, 'after'), mean(parts, 'before')];
    return { statistic: (weights: ArrayLike<number>) => after(weights) - was(weights) };
  };
  return measureOf(name, relation, facts, rise, { before, ...options });
}
