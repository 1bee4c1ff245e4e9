// Lines over a common axis, as of what an edit does at several doses.
import { html, type Markup } from '../html/markup.js';
import { at, figure, legend, linear } from './svg.js';

export interface LineChart {
  title: string;
  /** Below the lines: what they are over. */
  axis: string;
  /** At most two lines: the first full, the second dashed. */
  lines: readonly { name: string; points: readonly { x: number; y: number }[] }[];
  format: (value: number) => string;
}

const WIDTH = 480;
const HEIGHT = 240;
const MARGIN = { left: 60, right: 16, top: 30, bottom: 40 };
const KINDS = ['own', 'beside'];

export function lineChart({ title, axis, lines, format }: LineChart): Markup {
  const points = lines.flatMap((line) => line.points);
  const x = linear(
    points.map((point) => point.x),
    [MARGIN.left, WIDTH - MARGIN.right],
  );
  const y = linear(
    points.map((point) => point.y),
    [HEIGHT - MARGIN.bottom, MARGIN.top],
  );
  const pathOf = (line: (typeof lines)[number]) => {
    const sorted = [...line.points].sort((a, b) => a.x - b.x);
    return sorted.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('');
  };
  const drawn = lines.map((line, i) => {
    const dashed = i > 0 && html` stroke-dasharray="5 3"`;
    return html`<path class="whisker ${KINDS[i]}" d="${pathOf(line)}"${dashed}/>${line.points.map(
      (point) =>
        html`<circle class="${KINDS[i]}${i > 0 && ' hollow'}" cx="${x(point.x)}" cy="${y(point.y)}" r="3.5"><title>${line.name} at ${point.x}: ${format(point.y)}</title></circle>`,
    )}`;
  });
  const marks = lines.map(({ name }, i) => ({
    name,
    mark: html`<circle class="${KINDS[i]}${i > 0 && ' hollow'}" cx="5" cy="0" r="4"/>`,
  }));
  return figure(
    { width: WIDTH, height: HEIGHT, title },
    html`${y.ticks.map(
      (tick) =>
        html`<line class="${tick === 0 && 'zero'}" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="end faint" x="${MARGIN.left - 6}" y="${y(tick) + 4}">${format(tick)}</text>`,
    )}${x.ticks.map((tick) => html`<text class="middle faint" x="${x(tick)}" y="${HEIGHT - MARGIN.bottom + 16}">${tick}</text>`)}${drawn}${legend(MARGIN.left, 12, marks)}<text class="middle faint" x="${at((MARGIN.left + WIDTH) / 2)}" y="${HEIGHT - 6}">${axis}</text>`,
  );
}
