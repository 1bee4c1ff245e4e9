// What all figures are drawn with: a frame that says what it shows, scales, axes; in a page and as a file of its own.
import { asset } from '../html/document.js';
import { type Content, html, Markup } from '../html/markup.js';

/** A value with its interval, where it has one. */
export interface Ranged {
  value: number;
  low: number | null;
  high: number | null;
}

export interface Frame {
  width: number;
  height: number;
  /** What it shows, for those who cannot see it. */
  title: string;
}

/** An SVG element for a page. Its colours are those of figures.css. */
export function figure({ width, height, title }: Frame, content: Content): Markup {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="figure" ${new Markup(size)} role="img" aria-label="${title}">${content}</svg>`;
}

/** The same as a file. */
export function svgFile({ text }: Markup): string {
  return `${text.replace('>', `><style>${asset('figures.css').text}</style>`)}\n`;
}

/** A coordinate with as many digits as can be seen. */
export const at = (value: number) => Number(value.toFixed(2));

export interface Scale {
  (value: number): number;
  ticks: number[];
}

/** A linear scale over round numbers that takes in all values, and zero. @param pixels from the first to the last */
export function linear(values: readonly number[], [start, end]: readonly [number, number], count = 5): Scale {
  const least = values.reduce((found, value) => Math.min(found, value), 0);
  const most = values.reduce((found, value) => Math.max(found, value), 0);
  const step = roundStep((most - least || 1) / count);
  const low = Math.floor(least / step + 1e-9) * step;
  const high = Math.max(Math.ceil(most / step - 1e-9) * step, low + step);
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  const scale = (value: number) => at(start + ((value - low) / (high - low)) * (end - start));
  return Object.assign(scale, { ticks: ticks.map((tick) => Number(tick.toPrecision(12))) });
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size) + 1e-9);
  const step = [1, 2, 5, 10].find((one) => one * power >= size * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** Pixels that a text takes at most, at the figures' size. */
export const textWidth = (text: string) => 7 * [...text].length;

/** A text cut to some characters. */
export function short(text: string, characters: number): string {
  const symbols = [...text];
  return symbols.length <= characters ? text : `${symbols.slice(0, characters - 1).join('')}…`;
}

/** Two names with the marks that stand for them. */
export function legend(x: number, y: number, names: readonly { name: string; mark: Markup }[]): Markup[] {
  let left = x;
  return names.map(({ name, mark }) => {
    const place = left;
    left += 34 + textWidth(name);
    return html`<g transform="translate(${at(place)} ${at(y)})">${mark}<text x="14" y="4">${name}</text></g>`;
  });
}
