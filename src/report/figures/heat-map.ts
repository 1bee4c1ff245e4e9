// A heat map of rows by columns: the stronger the colour, the larger the value; each cell says its own.
import { html, type Markup } from '../html/markup.js';
import { at, figure, short, textWidth } from './svg.js';

export interface HeatMap {
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  /** [rows, columns]; null where there is nothing to measure. */
  values: readonly (readonly (number | null)[])[];
  /** What a cell says when it is pointed at. */
  describe: (value: number, row: string, column: string) => string;
  /** Written into the cells, where they are wide enough. */
  format: (value: number) => string;
}

const LONGEST = 28;
/** Columns up to which cells are wide enough to write in. */
const FEW = 14;

export function heatMapFigure({ title, rows, columns, values, describe, format }: HeatMap): Markup {
  const labels = rows.map((label) => short(label, LONGEST));
  const heads = columns.map((label) => short(label, LONGEST));
  const cell = columns.length <= FEW ? { width: 46, height: 24 } : { width: 18, height: 18 };
  const left = 14 + labels.reduce((most, label) => Math.max(most, textWidth(label)), 20);
  const top = 14 + heads.reduce((most, label) => Math.max(most, textWidth(label)), 20);
  const most = values.flat().reduce<number>((found, value) => Math.max(found, value ?? 0), 0);
  const drawn = values.map((row, r) =>
    row.map((value, c) => {
      if (value === null) return undefined;
      const strength = most > 0 ? Math.max(0, value) / most : 0;
      const [x, y] = [left + c * cell.width, top + r * cell.height];
      const place = html`x="${at(x)}" y="${at(y)}" width="${cell.width - 1}" height="${cell.height - 1}"`;
      return html`<rect class="cell" ${place} fill-opacity="${at(strength)}"><title>${describe(value, rows[r] ?? '', columns[c] ?? '')}</title></rect>${
        columns.length <= FEW &&
        html`<text class="middle${strength > 0.55 ? ' on-dark' : ''}" x="${at(x + cell.width / 2)}" y="${at(y + 16)}" pointer-events="none">${format(value)}</text>`
      }`;
    }),
  );
  const width = left + columns.length * cell.width + 12;
  const height = top + rows.length * cell.height + 8;
  return figure(
    { width: at(width), height: at(height), title },
    html`${labels.map((label, r) => html`<text class="end" x="${left - 6}" y="${at(top + (r + 0.5) * cell.height + 4)}">${label}</text>`)}${heads.map(
      (label, c) =>
        html`<text transform="translate(${at(left + (c + 0.5) * cell.width + 4)} ${top - 6}) rotate(-90)">${label}</text>`,
    )}<rect class="frame" x="${left - 0.5}" y="${top - 0.5}" width="${columns.length * cell.width}" height="${rows.length * cell.height}"/>${drawn}`,
  );
}
