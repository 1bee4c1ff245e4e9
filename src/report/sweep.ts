// What became of a sweep, as text.
import { dirname } from 'node:path';
import type { SweepSummary, WorkSummary } from '../sweep/options.js';
import { plural } from './numbers.js';
import type { Page } from './page.js';
import { durationText } from './progress.js';
import { printable } from './style.js';

export function sweepReport(
  { out, counts: { done, failed, waiting }, computed, leftOut, shard, seconds }: SweepSummary,
  { style }: Page,
): string {
  const before = done + failed - computed;
  const lines = [
    `${style.bold(printable(out))}: ${plural(done, 'fact')} done` +
      `${before > 0 ? ` (${before} before)` : ''} · ${durationText(seconds)}`,
  ];
  if (failed > 0)
    lines.push(` ${plural(failed, 'fact')} failed: see failures.jsonl; --retry tries them again`);
  if (waiting > 0) lines.push(` ${plural(waiting, 'fact')} left to do`);
  for (const { reason, count } of leftOut) lines.push(` ${count} left out: ${printable(reason)}`);
  if (done > 0 && waiting === 0) {
    const [command, directory] = shard ? ['merge', dirname(out)] : ['report', out];
    const what = shard ? 'joins the shards once all are done' : 'makes its tables, figures and page';
    lines.push(style.dim(` kn-edit sweep ${command} ${printable(directory)} ${what}`));
  }
  return lines.join('\n');
}

export function workReport({ facts, failed, seconds }: WorkSummary): string {
  return `${plural(facts, 'fact')} computed${failed > 0 ? `, ${failed} of them failed` : ''} · ${durationText(seconds)}`;
}
