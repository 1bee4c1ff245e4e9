// A run beside another one over the same facts: other neurons, another method, another model.
import type { Manifest } from '../manifest.js';
import type { SweepResult } from '../result.js';
import { analyse } from './analysis.js';
import type { Measure } from './measure.js';
import { type ReportResult, reported } from './results.js';

/** Another run. */
export interface OtherRun {
  /** What it is called. */
  source: string;
  manifest: Manifest;
  results: AsyncIterable<SweepResult> | Iterable<SweepResult>;
}

/** How many facts of it are facts of the first run, too. */
export interface Beside {
  source: string;
  facts: number;
}

/**
 * Puts beside each measure of a run what the other run came to, over the facts that both have.
 * @param own results of the first run
 */
export async function besideRun(
  own: readonly ReportResult[],
  measures: readonly Measure[],
  { source, manifest, results }: OtherRun,
): Promise<{ measures: Measure[]; beside: Beside }> {
  const ids = new Set(own.map(factKey));
  const both: ReportResult[] = [];
  for await (const one of results) if (ids.has(factKey(one))) both.push(reported(one));
  const { task, model } = manifest;
  const others = new Map(analyse(both, task.do, model.layers).measures.map((one) => [keyOf(one), one]));
  return {
    beside: { source, facts: both.length },
    measures: measures.map((one) => {
      const other = others.get(keyOf(one));
      return other ? { ...one, beside: { name: source, estimate: other.estimate } } : one;
    }),
  };
}

const factKey = ({
  id,
  relation,
  subject,
  object,
}: Pick<SweepResult, 'id' | 'relation' | 'subject' | 'object'>) =>
  JSON.stringify([id, relation, subject, object]);
const keyOf = ({ name, relation, layer }: Measure) => JSON.stringify([name, relation, layer]);
