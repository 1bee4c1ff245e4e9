// A data set in numbers, as text.
import type { Conversion } from '../sets/convert.js';
import type { SetInfo } from '../sets/info.js';
import type { ReasonCount } from '../sets/reasons.js';
import { plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { type Table, table } from './table.js';

/** Relations that are listed. */
const LISTED = 20;

export function setInfoReport(info: SetInfo, page: Page): string {
  const { title, records, facts, prompts, edits, relations, model, usable } = info;
  const { style } = page;
  const each = facts > 0 ? `, ${(prompts / facts).toFixed(1)} prompts each` : '';
  const asked = edits > 0 ? `, ${edits} with a new answer` : '';
  const whose = model === null ? ' (no model is named that could be asked)' : ` by ${printable(model)}`;
  return paragraphs(
    ` ${style.bold(title)}: ${plural(records, 'record')}\n` +
      ` ${plural(facts, 'fact')} of ${plural(relations, 'relation')}${each}${asked}\n` +
      ` usable${whose}: ${style.bold(`${usable}`)}`,
    largestRelations(info, page),
    reasonTable('not usable', info.unusable, page),
    reasonTable('parts that are left out', info.leftOut, page),
    reasonTable('usable, but', info.notes, page),
  );
}

export function conversionReport(conversion: Conversion, page: Page): string {
  const { records, items, out } = conversion;
  return paragraphs(
    ` ${plural(records, 'record')} read, ${plural(items, 'fact')} written to ${printable(out)}`,
    reasonTable('not usable', conversion.setAside, page),
    reasonTable('parts that are left out', conversion.leftOut, page),
  );
}

/** The relations of a set, each with how many facts it has. */
export function relationTable({ byRelation }: SetInfo): Table {
  return {
    columns: [
      { title: 'relation', shrinks: true },
      { title: 'facts', align: 'right' },
    ],
    rows: Object.entries(byRelation).map(([relation, count]) => [printable(relation), `${count}`]),
  };
}

function largestRelations(info: SetInfo, { width, style }: Page): string | undefined {
  const { columns, rows } = relationTable(info);
  if (rows.length === 0) return undefined;
  const more = rows.length > LISTED ? `\n ${style.dim(`and ${rows.length - LISTED} more`)}` : '';
  return table(columns, rows.slice(0, LISTED), width) + more;
}

function reasonTable(title: string, reasons: readonly ReasonCount[], { width }: Page): string | undefined {
  if (reasons.length === 0) return undefined;
  const rows = reasons.map(({ reason, count }) => [printable(reason), `${count}`]);
  return table(
    [
      { title, shrinks: true },
      { title: 'count', align: 'right' },
    ],
    rows,
    width,
  );
}
