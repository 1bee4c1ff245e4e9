// Tables of pages: short ones as they are, and long ones that sort and filter, which the page's script builds from data, so
// that thousands of rows cost no more than the ones that are seen.
import { embeddedJson, html, type Markup } from './markup.js';

export interface Column {
  title: string;
  /** What the column is, shown when it is pointed at. */
  about?: string | undefined;
  /** Numbers stand to the right, and are sorted by value. */
  number?: boolean;
}

/** Text; or a number, and how it is written (a dash for none). */
export type Cell = string | Numeric;
export interface Numeric {
  value: number | null;
  text: string;
}

export interface Table {
  /** What it lists, for those who cannot see it. */
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
}

/** A short table. */
export function plainTable({ title, columns, rows }: Table): Markup {
  const kind = (i: number) => (columns[i]?.number ? html` class="number"` : '');
  const textOf = (cell: Cell) => (typeof cell === 'string' ? cell : cell.text);
  return html`<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table><caption>${title}</caption><thead><tr>${columns.map(
    ({ title: name, about }, i) =>
      html`<th scope="col"${kind(i)}${about && html` title="${about}"`}>${name}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${kind(i)}>${textOf(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** A table that sorts and filters. */
export function dataTable({ title, columns, rows }: Table): Markup {
  const data = {
    columns: columns.map(({ title: name, about, number = false }) => ({ title: name, about, number })),
    rows: rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : [cell.value, cell.text]))),
  };
  return html`<div class="table" data-title="${title}"><script type="application/json">${embeddedJson(data)}</script><noscript><p>This table of ${rows.length} rows needs JavaScript; its data lie beside this page as CSV.</p></noscript></div>`;
}
