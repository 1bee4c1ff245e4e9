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
 * Puts beside each measure of a run what either run came to over the facts that both have.
 * @param own the first run, and its measures over all its facts
 */
export async function besideRun(
  own: { manifest: Manifest; results: readonly ReportResult[]; measures: readonly Measure[] },
  { source, manifest, results }: OtherRun,
): Promise<{ measures: Measure[]; beside: Beside }> {
  const known = new Set(own.results.map(factKey));
  const theirs: ReportResult[] = [];
  for await (const one of results) if (known.has(factKey(one))) theirs.push(reported(one));
  const common = new Set(theirs.map(factKey));
  const ours = own.results.filter((one) => common.has(factKey(one)));
  const same = ours.length === own.results.length;
  const shared = same ? byKey(own.measures) : measured(ours, own.manifest);
  const others = measured(theirs, manifest);
  return {
    beside: { source, facts: ours.length },
    measures: own.measures.map((one) => {
      const [mine, other] = [shared.get(keyOf(one)), others.get(keyOf(one))];
      if (!mine || !other) return one;
      return { ...one, beside: { name: source, own: mine.estimate, estimate: other.estimate } };
    }),
  };
}

function measured(results: readonly ReportResult[], { task, model }: Manifest): Map<string, Measure> {
  return byKey(analyse(results, task.do, model.layers).measures);
}

const byKey = (measures: readonly Measure[]) => new Map(measures.map((one) => [keyOf(one), one]));

const factKey = ({
  id,
  relation,
  subject,
  object,
}: Pick<SweepResult, 'id' | 'relation' | 'subject' | 'object'>) =>
  JSON.stringify([id, relation, subject, object]);
const keyOf = ({ name, relation, layer }: Measure) => JSON.stringify([name, relation, layer]);
