// The ledger, as text: all edits, and one edit with everything that is known of it.
import { z } from 'zod';
import type { EditDetail, EditSummary } from '../ledger/edits.js';
import { roleMetrics } from '../probe/results.js';
import { metricsTable, probeTable } from './edit.js';
import { plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { table } from './table.js';

export function historyReport(edits: readonly EditSummary[], { width, style }: Page): string {
  if (edits.length === 0) return 'no edits yet; apply one: kn-edit apply edits/fix-capital.json';
  const rows = edits.map(({ id, name, operation, status, createdAt, neurons }) => [
    String(id),
    printable(name),
    operation,
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

export function editReport(edit: EditDetail, page: Page): string {
  const { style, width } = page;
  const { before, after } = edit.probes;
  const reverted = edit.revertedAt ? ` at ${when(edit.revertedAt)}` : '';
  const vectors = edit.vectors.map(({ at: [layer, neuron], share, meanScore, beforeSha256, afterSha256 }) => [
    String(layer),
    String(neuron),
    share.toFixed(2),
    meanScore.toFixed(4),
    beforeSha256.slice(0, 12),
    afterSha256.slice(0, 12),
  ]);
  return paragraphs(
    `${style.bold(`edit ${edit.id}`)} ${printable(edit.name)}: ${edit.operation} · ` +
      `${statusText(edit.status, style)}${reverted}\n applied at ${when(edit.createdAt)} with ` +
      Object.entries(edit.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    probeTable(before, after, page),
    metricsTable(roleMetrics(before, after), page),
    verdictLine(edit.outcome),
    style.bold(plural(edit.vectors.length, 'value vector')),
    table(
      [
        { title: 'layer', align: 'right' },
        { title: 'neuron', align: 'right' },
        { title: 'share', align: 'right' },
        { title: 'mean score', align: 'right' },
        { title: 'SHA-256 before' },
        { title: 'after' },
      ],
      vectors,
      width,
    ),
    style.dim('the specification, settings and full hashes: --json'),
  );
}

const withVerdict = z.looseObject({ verdict: z.string() });

function verdictLine(outcome: unknown): string {
  const found = withVerdict.safeParse(outcome);
  return found.success ? ` verdict when it was applied: ${printable(found.data.verdict)}` : '';
}

function statusText(status: EditSummary['status'], style: Style): string {
  return status === 'applied' ? style.good(status) : style.dim(status);
}

/** 2026-11-23 07:14:04 */
function when(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
