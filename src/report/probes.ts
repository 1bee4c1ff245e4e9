// All probes of an edit, before and after, as one table for other programs.
import type { ProbeResult } from '../probe/results.js';
import { percent } from './numbers.js';
import { printable } from './style.js';
import type { Table } from './table.js';
import { roleText } from './words.js';

/** @param after in the order of `before` */
export function probesTable(before: readonly ProbeResult[], after: readonly ProbeResult[]): Table {
  const probability = (value: number) => ({ text: percent(value), value });
  const answer = (one: ProbeResult | undefined) => printable(one?.top[0]?.token ?? '');
  return {
    columns: [
      { title: 'role' },
      { title: 'prompt' },
      { title: 'expected' },
      { title: 'answer before' },
      { title: 'answer after' },
      { title: 'P(expected) before', align: 'right' },
      { title: 'P(expected) after', align: 'right' },
    ],
    rows: before.map((was, i) => [
      roleText(was.role),
      printable(was.prompt),
      printable(was.expect),
      answer(was),
      answer(after[i]),
      probability(was.prob),
      probability(after[i]?.prob ?? was.prob),
    ]),
  };
}
