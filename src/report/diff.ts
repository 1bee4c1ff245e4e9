// Two edits side by side, as text: what differs, and what they have in common.
import type { Both, EditDiff } from '../session/diff.js';
import { percent, percentOr, plural, points } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';
import { roleText } from './words.js';

/** Probes that are listed. */
const LISTED = 10;

export function diffReport(diff: EditDiff, page: Page): string {
  const titles = diff.edits.map(({ id }) => `edit ${id}`);
  const { shared, same, only, jaccard } = diff.neurons;
  return paragraphs(
    sideBySide(
      [
        show('name', diff.edits, ({ name }) => name),
        show('operation', diff.edits, ({ operation }) => operation),
        show('status', diff.edits, ({ status }) => status),
        ['measured on', ...startsOf(diff)],
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
    probesReport(diff, titles, page),
    fieldsReport(diff, titles, page),
  );
}

/** The state of the model that each edit found: the base, what the other one left, or the first digits of its id. */
function startsOf({ edits, overlays }: EditDiff): string[] {
  return overlays.map((own, i) => {
    if (!own) return '–';
    if (own.before === '') return 'base';
    const other = 1 - i;
    if (own.before !== overlays[other]?.after) return `state ${own.before.slice(0, 8)}`;
    return `${overlays[other]?.before === '' ? 'base + ' : 'after '}edit ${edits[other]?.id}`;
  });
}

function sideBySide(rows: string[][], titles: readonly string[], { width }: Page): string {
  const columns = titles.map((title, i) => ({ title, wraps: i > 0 })); // cut, two values may look the same
  return table(columns, rows, width);
}

function show<T>(title: string, values: Both<T>, text: (value: T) => string): string[] {
  return [title, ...values.map((value) => printable(text(value)))];
}

function probesReport({ probes }: EditDiff, titles: readonly string[], page: Page): string {
  const { width, style } = page;
  if (probes.length === 0) return style.dim('no probe in common');
  const differing = probes.filter(({ after: [a, b] }) => a.answer !== b.answer);
  const head = `${plural(probes.length, 'probe')} in common, ${differing.length} with another top answer`;
  if (differing.length === 0) return head;
  const { shown, more } = firstOf(differing, LISTED, page);
  const rows = shown.map(({ role, prompt, after }) => [
    roleText(role),
    printable(prompt),
    ...after.map(({ answer, prob }) => `${printable(answer)} ${percent(prob)}`),
  ]);
  const columns = [
    { title: 'role' },
    { title: 'prompt', shrinks: true },
    ...titles.map((title) => ({ title: `after ${title}` })),
  ];
  return [head, table(columns, rows, width), ...more].join('\n');
}

/** What was asked differently: side by side what both have, and below that the names of what only one has. */
function fieldsReport(diff: EditDiff, titles: readonly string[], page: Page): string {
  const { style } = page;
  const fields = differences(diff);
  if (fields.length === 0) return style.dim('same specification, settings and versions');
  const rows = fields.flatMap(({ name, values: [a, b] }) =>
    a === undefined || b === undefined ? [] : [show(printable(name), [a, b], (value) => value)],
  );
  const alone = titles.flatMap((title, i) => {
    const names = fields.flatMap(({ name, values }) =>
      values[1 - i] === undefined ? [printable(name)] : [],
    );
    return names.length > 0 ? [style.dim(` only ${title}: ${names.join(', ')}`)] : [];
  });
  return [...(rows.length > 0 ? [sideBySide(rows, ['field', ...titles], page)] : []), ...alone].join('\n');
}

/** A schema's address says nothing of an edit; its name stands above. */
const ELSEWHERE = new Set(['$schema', 'name']);

interface Difference {
  name: string;
  values: Both<string | undefined>;
}

/** The fields that differ. Of a list, which goes by places, only how many of its entries do. */
function differences({ fields }: EditDiff): Difference[] {
  const lists = new Map<string, Both<Set<string>>>();
  const single = fields.flatMap(({ field, values }): Difference[] => {
    const name = field.replace('specification.', '');
    const [, list, place] = /^(.+?)\.(\d+)(?:\.|$)/.exec(name) ?? [];
    if (list === undefined || place === undefined) return ELSEWHERE.has(name) ? [] : [{ name, values }];
    const places = lists.get(list) ?? [new Set(), new Set()];
    lists.set(list, places);
    for (const [i, value] of values.entries()) if (value !== undefined) places[i]?.add(place);
    return [];
  });
  const counted = [...lists].map(([name, places]): Difference => {
    const [a, b] = places.map(({ size }) => (size > 0 ? `${size} that differ` : undefined));
    return { name, values: [a, b] };
  });
  return [...single, ...counted];
}
