// The ledger, as text: all edits, newest first.
import type { EditSummary } from '../ledger/edits.js';
import type { Page } from './page.js';
import { printable, type Style } from './style.js';
import { table } from './table.js';

export function historyReport(edits: readonly EditSummary[], { width, style }: Page): string {
  if (edits.length === 0) return 'no edits yet; apply one: kn-edit apply edits/fix-capital.json';
  const rows = edits.map(({ id, name, operation, status, createdAt, neurons }) => [
    String(id),
    printable(name),
    printable(operation),
    statusText(status, style),
    String(neurons),
    when(createdAt),
  ]);
  return table(
    [
      { title: 'id', align: 'right' },
      { title: 'name', shrinks: true },
      { title: 'operation' },
      { title: 'status' },
      { title: 'vectors', align: 'right' },
      { title: 'created (UTC)' },
    ],
    rows,
    width,
  );
}

export function statusText(status: EditSummary['status'], style: Style): string {
  return status === 'applied' ? style.good(status) : style.dim(status);
}

/** 2026-11-23 07:14:04 */
export function when(iso: string): string {
  return printable(iso.slice(0, 19).replace('T', ' '));
}
