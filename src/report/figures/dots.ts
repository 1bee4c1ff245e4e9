// Effects against their controls, a line each: a full dot for what was meant, a hollow one for its control, with intervals.
import { html, type Markup } from '../html/markup.js';
import { at, figure, legend, linear, type Ranged, short, textWidth } from './svg.js';

export interface DotChart {
  title: string;
  names: readonly [string, string];
  rows: readonly { label: string; own: Ranged; beside?: Ranged | undefined }[];
  format: (value: number) => string;
}

const ROW = 22;
const TOP = 28;
const BOTTOM = 28;
const WIDTH = 860;
const LONGEST = 44;

export function dotChart({ title, names, rows, format }: DotChart): Markup {
  const labels = rows.map(({ label }) => short(label, LONGEST));
  const left = 16 + labels.reduce((most, label) => Math.max(most, textWidth(label)), 40);
  const ranges = rows.flatMap(({ own, beside }) => [own, ...(beside ? [beside] : [])]);
  const values = ranges.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const x = linear(values, [left, WIDTH - 24], 6);
  const height = TOP + rows.length * ROW + BOTTOM;
  const bottom = height - BOTTOM;
  const dot = (range: Ranged, kind: string, y: number) =>
    html`${
      range.low !== null &&
      range.high !== null &&
      html`<path class="whisker ${kind}" d="M${x(range.low)} ${y}H${x(range.high)}"/>`
    }<circle class="${kind}" cx="${x(range.value)}" cy="${y}" r="4"><title>${format(range.value)}</title></circle>`;
  const drawn = rows.map(({ own, beside }, i) => {
    const y = TOP + (i + 0.5) * ROW;
    return html`<text class="end" x="${at(left - 8)}" y="${y + 4}">${labels[i]}<title>${rows[i]?.label}</title></text>${
      beside && dot(beside, 'beside hollow', y + 4)
    }${dot(own, 'own', beside ? y - 4 : y)}`;
  });
  const kinds = [
    { name: names[0], mark: html`<circle class="own" cx="5" cy="0" r="4"/>` },
    { name: names[1], mark: html`<circle class="beside hollow" cx="5" cy="0" r="4"/>` },
  ];
  return figure(
    { width: WIDTH, height, title },
    html`${x.ticks.map(
      (tick) =>
        html`<line class="${tick === 0 ? 'zero' : ''}" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${bottom}"/><text class="middle faint" x="${x(tick)}" y="${bottom + 16}">${format(tick)}</text>`,
    )}${drawn}${legend(left, 12, rows.some(({ beside }) => beside) ? kinds : kinds.slice(0, 1))}`,
  );
}
