// The ledger, as text: all edits, newest first.
import type { EditSummary } from '../ledger/edits.js';
import type { Standing } from '../probe/standing.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';

export function historyReport(edits: readonly EditSummary[], { width, style }: Page): string {
  if (edits.length === 0)
    return 'no edits yet; apply an edit file: kn-edit apply FILE; or make one: kn-edit tui';
  const { columns, rows } = historyTable(edits, style);
  const measured = edits.find(({ standing }) => standing)?.standing?.measuredAt;
  return paragraphs(
    table(columns, rows, width),
    measured
      ? style.dim(
          ` state measured at ${when(measured)} (UTC): on how many of the prompts that it reached an edit still holds (–: nothing to measure, or edited again)`,
        )
      : '',
  );
}

export function historyTable(edits: readonly EditSummary[], style: Style): Table {
  const rows = edits.map(({ id, name, operation, status, standing, createdAt, neurons }) => [
    String(id),
    printable(name),
    printable(operation),
    statusText(status, style),
    standingCell(standing, style),
    String(neurons),
    { text: when(createdAt).slice(0, 16), value: createdAt },
  ]);
  return {
    columns: [
      { title: 'id', align: 'right' },
      { title: 'name', shrinks: true },
      { title: 'operation' },
      { title: 'status' },
      { title: 'state' },
      { title: 'vectors', align: 'right' },
      { title: 'created (UTC)' },
    ],
    rows,
  };
}

/** "holds 6/6", "effect holds", "reached nothing". */
export function standingCell(standing: EditSummary['standing'], style: Style): string {
  if (!standing) return '–';
  const { kept, reached } = standing;
  return `${standingWord(standing, style)}${reached > 0 ? ` ${kept}/${reached}` : ''}`;
}

/** "holds"; "effect holds" of an edit that came to the top nowhere, and moved the probability. */
export function standingWord({ state, reached }: Pick<Standing, 'state' | 'reached'>, style: Style): string {
  const tones = { holds: style.good, weakened: style.warn, lost: style.bad, 'reached nothing': style.warn };
  return tones[state](reached > 0 || state === 'reached nothing' ? state : `effect ${state}`);
}

export function statusText(status: EditSummary['status'], style: Style): string {
  return status === 'applied' ? style.good(status) : style.dim(status);
}

/** 2026-11-23 07:14:04 */
export function when(iso: string): string {
  return printable(iso.slice(0, 19).replace('T', ' '));
}
