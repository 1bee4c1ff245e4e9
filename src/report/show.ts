// One edit of the ledger, as text, with everything that is known of it.
import { fieldsOf } from '../session/diff.js';
import type { MeasuredEdit } from '../session/outcome.js';
import { metricsTable, probeTable, regressionReport, verdictReport } from './edit.js';
import { statusText, when } from './history.js';
import { plural, score } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';
import { warningText } from './warnings.js';

/** Vectors of one layer that are listed; of more, one line tells. */
const LISTED = 100;

export function editReport(edit: MeasuredEdit, page: Page): string {
  const { style } = page;
  const { before, after, verdict } = edit;
  const reverted = edit.revertedAt ? ` at ${when(edit.revertedAt)}` : '';
  return paragraphs(
    `${style.bold(`edit ${edit.id}`)} ${printable(edit.name)}: ${printable(edit.operation)} · ` +
      `${statusText(edit.status, style)}${reverted}\n applied at ${when(edit.createdAt)}`,
    probeTable(before, after, page),
    metricsTable(edit.metrics.roles, page),
    verdict ? verdictReport({ ...edit, verdict }, page) : '',
    edit.regressions.length > 0 ? regressionReport(edit.regressions, page) : '',
    ...edit.warnings.map((text) => warningText(text, style)),
    fieldList('specification', edit.specification, page),
    fieldList('settings', edit.settings, page),
    fieldList('versions', edit.versions, page),
    vectorTable(edit, page),
    page.scrolls ? '' : style.dim('all probes and full hashes: --json'),
  );
}

/** Every field of a JSON document on a line of its own. */
function fieldList(title: string, document: unknown, { width, style }: Page): string {
  const fields = [...fieldsOf(document)];
  if (fields.length === 0) return '';
  const rows = fields.map(([field, value]) => [printable(field), printable(value)]);
  const lines = table([{ title: '' }, { title: '', shrinks: true }], rows, width)
    .split('\n')
    .slice(1);
  return [style.bold(title), ...lines].join('\n');
}

function vectorTable(edit: MeasuredEdit, { width, style, scrolls }: Page): string {
  const counts = new Map<number, number>();
  for (const { layer } of edit.vectors) counts.set(layer, 1 + (counts.get(layer) ?? 0));
  const factored = edit.vectors.every(({ before }) => before === null);
  const whole = [...counts].filter(([, count]) => count > LISTED);
  const rows = edit.vectors.flatMap(({ layer, neuron, beforeSha256, afterSha256 }, i) => {
    if ((counts.get(layer) ?? 0) > LISTED) return [];
    return [
      [
        String(layer),
        String(neuron),
        edit.neurons[i]?.share.toFixed(2) ?? '',
        score(edit.neurons[i]?.meanScore ?? 0),
        beforeSha256.slice(0, 12),
        afterSha256.slice(0, 12),
      ],
    ];
  });
  const columns = [
    { title: 'layer', align: 'right' as const },
    { title: 'neuron', align: 'right' as const },
    { title: 'share', align: 'right' as const },
    { title: 'mean score', align: 'right' as const },
    { title: 'SHA-256 before' },
    { title: 'after' },
  ];
  return [
    style.bold(plural(edit.vectors.length, 'value vector')),
    ...whole.map(
      ([layer, count]) =>
        ` layer ${layer}: ${plural(count, 'value vector')}${factored ? ', rank one' : ''}${scrolls ? '' : ' (--json lists them)'}`,
    ),
    ...(rows.length > 0 ? [table(columns, rows, width)] : []),
  ].join('\n');
}
