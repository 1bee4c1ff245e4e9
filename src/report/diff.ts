// Two edits side by side, as text: what differs, and what they have in common.
import type { Both, EditDiff } from '../session/diff.js';
import { percent, percentOr, plural, points } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';
import { roleText } from './words.js';

/** Probes that are listed. */
const LISTED = 10;

export function diffReport(diff: EditDiff, page: Page): string {
  const { style } = page;
  const titles = diff.edits.map(({ id }) => `edit ${id}`);
  const show = <T>(title: string, values: Both<T>, text: (value: T) => string) => [
    title,
    ...values.map((value) => printable(text(value))),
  ];
  const { shared, same, only, jaccard } = diff.neurons;
  return paragraphs(
    sideBySide(
      [
        show('name', diff.edits, ({ name }) => name),
        show('operation', diff.edits, ({ operation }) => operation),
        show('status', diff.edits, ({ status }) => status),
        show('verdict', diff.verdict, (verdict) => verdict ?? '–'),
        show('effect on the fact', diff.effect, points),
        show('damage to others', diff.damage, percentOr),
        show('neurons of its own', only, (neurons) => String(neurons.length)),
      ],
      ['', ...titles],
      page,
    ),
    ` ${plural(shared.length, 'neuron')} in common (Jaccard ${jaccard.toFixed(2)}); ` +
      `${same} of their value vectors came out as the same bytes`,
    diff.fields.length === 0
      ? style.dim('same specification, settings and versions')
      : sideBySide(
          diff.fields.map(({ field, values }) =>
            show(printable(field.replace('specification.', '')), values, (value) => value ?? '–'),
          ),
          ['field', ...titles],
          page,
        ),
    probesReport(diff, titles, page),
  );
}

function sideBySide(rows: string[][], titles: readonly string[], { width }: Page): string {
  const columns = titles.map((title, i) => ({ title, shrinks: i > 0 }));
  return table(columns, rows, width);
}

function probesReport({ probes }: EditDiff, titles: readonly string[], { width, style }: Page): string {
  if (probes.length === 0) return style.dim('no probe in common');
  const differing = probes.filter(({ after: [a, b] }) => a.answer !== b.answer);
  const head = `${plural(probes.length, 'probe')} in common, ${differing.length} with another top answer`;
  if (differing.length === 0) return head;
  const rows = differing
    .slice(0, LISTED)
    .map(({ role, prompt, after }) => [
      roleText(role),
      printable(prompt),
      ...after.map(({ answer, prob }) => `${printable(answer)} ${percent(prob)}`),
    ]);
  const columns = [
    { title: 'role' },
    { title: 'prompt', shrinks: true },
    ...titles.map((title) => ({ title: `after ${title}` })),
  ];
  const more = differing.length > LISTED ? `\n … and ${differing.length - LISTED} more (--json)` : '';
  return `${head}\n${table(columns, rows, width)}${more}`;
}
