// A terminal's screen as an SVG picture: every cell with its colour, at its place.
import type xterm from '@xterm/headless';

const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d8dce3';
/** The sixteen colours that the program uses, as a dark terminal would show them. */
const PALETTE = [
  '#16181d',
  '#e0636b',
  '#8cc570',
  '#e0b95b',
  '#6aa5e8',
  '#c58be0',
  '#4fbcc4',
  '#d8dce3',
  '#6b7280',
  '#f08a91',
  '#a8dd8e',
  '#f0d080',
  '#8fc0f5',
  '#dba8f0',
  '#7dd8df',
  '#ffffff',
];

interface Run {
  x: number;
  columns: number;
  text: string;
  style: string;
}

export function screenSvg(terminal: xterm.Terminal): string {
  const width = terminal.cols * CELL.width + 2 * MARGIN;
  const height = terminal.rows * CELL.height + 2 * MARGIN;
  const rows = Array.from({ length: terminal.rows }, (_, y) =>
    runsOf(terminal, y)
      .filter(({ text }) => text.trim() !== '')
      .map(({ x, columns, text, style }) => {
        const place = `x="${round(MARGIN + x * CELL.width)}" y="${round(MARGIN + (y + 0.75) * CELL.height)}"`;
        return `<text ${place} textLength="${round(columns * CELL.width)}" ${style}>${escaped(text)}</text>`;
      }),
  ).flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve" lengthAdjust="spacingAndGlyphs">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Neighbouring cells of one style, together. */
function runsOf(terminal: xterm.Terminal, y: number): Run[] {
  const line = terminal.buffer.active.getLine(y);
  const runs: Run[] = [];
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line?.getCell(x);
    if (!cell || cell.getWidth() === 0) continue;
    const colour = cell.isFgPalette() ? (PALETTE[cell.getFgColor()] ?? FOREGROUND) : FOREGROUND;
    const style = [
      `fill="${colour}"`,
      ...(cell.isBold() ? ['font-weight="bold"'] : []),
      ...(cell.isDim() ? ['opacity="0.55"'] : []),
    ].join(' ');
    const text = cell.getChars() || ' ';
    const last = runs.at(-1);
    if (last && last.style === style && last.x + last.columns === x) {
      last.text += text;
      last.columns += cell.getWidth();
    } else runs.push({ x, columns: cell.getWidth(), text, style });
  }
  return runs;
}

function round(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
