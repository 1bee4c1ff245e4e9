// The engines on which the facts of a run were computed: where shards or workers had several, its numbers are not of one rounding.
import { groupBy } from '../../group.js';
import { enumerated, plural } from '../../report/numbers.js';
import type { ReportResult } from './results.js';

/** Facts by the engine that computed them; without those that do not say it. */
export function enginesOf(results: readonly ReportResult[]): Record<string, number> {
  const named = results.flatMap(({ engine }) => engine ?? []);
  return Object.fromEntries([...groupBy(named, (name) => name)].map(([name, own]) => [name, own.length]));
}

/** What is said of several engines; nothing of one. */
export function enginesText(results: readonly ReportResult[]): string {
  const engines = Object.entries(enginesOf(results));
  if (engines.length < 2) return '';
  const list = engines.map(([name, count]) => `${name} (${plural(count, 'fact')})`);
  return `computed on several engines, which round differently: ${enumerated(list)}`;
}
