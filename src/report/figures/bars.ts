// Bars side by side, as of shares by layer: what was located, and the baseline beside it, each with its interval.
import { html, type Markup } from '../html/markup.js';
import { at, figure, legend, linear, type Ranged } from './svg.js';

export interface BarChart {
  title: string;
  /** Below the bars: what they are of. */
  axis: string;
  /** Names of the two kinds of bars; the second only where some group has one. */
  names: readonly [string, string];
  groups: readonly { label: string; own: Ranged; beside?: Ranged | undefined }[];
  format: (value: number) => string;
}

const HEIGHT = 260;
const MARGIN = { left: 52, right: 12, top: 30, bottom: 40 };

export function barChart({ title, axis, names, groups, format }: BarChart): Markup {
  const slot = Math.max(14, Math.min(56, 720 / groups.length));
  const width = MARGIN.left + Math.max(330, groups.length * slot) + MARGIN.right;
  const all = groups.flatMap(({ own, beside }) => [own, ...(beside ? [beside] : [])]);
  const y = linear(
    all.flatMap(({ value, high }) => [value, high ?? value]),
    [HEIGHT - MARGIN.bottom, MARGIN.top],
  );
  const paired = groups.some(({ beside }) => beside);
  const bar = slot * (paired ? 0.4 : 0.7);
  const every = Math.ceil(groups.length / 32); // labels that have room
  const drawn = groups.map(({ label, own, beside }, i) => {
    const middle = MARGIN.left + (i + 0.5) * slot;
    return html`${barOf(own, 'own', paired ? middle - bar : middle - bar / 2, bar)}${beside && barOf(beside, 'beside light', middle, bar)}${
      i % every === 0 &&
      html`<text class="middle" x="${at(middle)}" y="${HEIGHT - MARGIN.bottom + 16}">${label}</text>`
    }`;
  });
  function barOf({ value, low, high }: Ranged, kind: string, left: number, wide: number) {
    const middle = at(left + wide / 2);
    return html`<rect class="bar ${kind}" x="${at(left)}" y="${y(value)}" width="${at(wide)}" height="${at(y(0) - y(value))}"><title>${format(value)}</title></rect>${
      low !== null && high !== null && html`<path class="whisker" d="M${middle} ${y(low)}V${y(high)}"/>`
    }`;
  }
  const mark = (kind: string) => html`<rect class="bar ${kind}" x="0" y="-6" width="10" height="10"/>`;
  const kinds = [
    { name: names[0], mark: mark('own') },
    { name: names[1], mark: mark('beside light') },
  ];
  return figure(
    { width: Math.ceil(width), height: HEIGHT, title },
    html`${y.ticks.map(
      (tick) =>
        html`<line x1="${MARGIN.left}" x2="${at(width - MARGIN.right)}" y1="${y(tick)}" y2="${y(tick)}"/><text class="end faint" x="${MARGIN.left - 6}" y="${y(tick) + 4}">${format(tick)}</text>`,
    )}${drawn}${legend(MARGIN.left, 12, paired ? kinds : kinds.slice(0, 1))}<text class="middle faint" x="${at((MARGIN.left + width) / 2)}" y="${HEIGHT - 6}">${axis}</text>`,
  );
}
