// Text tables: columns as wide as their content, and no wider than the terminal.
import stringWidth from 'string-width';
import { printableCell } from './style.js';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** This column gives way when the table is too wide, the widest first; by default none does. */
  shrinks?: boolean;
}

/** One row of cells, which may hold colour codes. */
export type Cells = readonly string[];

const GAP = '  ';
/** Columns give way down to this width. */
const NARROWEST = 10;

/**
 * A table with a head line, indented by one space.
 * @param width columns of the terminal; Infinity for files and pipes
 */
export function table(columns: readonly Column[], content: readonly Cells[], width: number): string {
  const rows = content.map((cells) => cells.map(printableCell));
  const widths = columns.map(({ title }, i) =>
    Math.max(stringWidth(title), ...rows.map((cells) => stringWidth(cells[i] ?? ''))),
  );
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) + 2;
  while (total() > width) {
    const giving = columns.map(({ shrinks }, i) => (shrinks ? (widths[i] ?? 0) : 0));
    const widest = Math.max(...giving);
    if (widest <= NARROWEST) break;
    widths[giving.indexOf(widest)] = widest - 1;
  }
  const line = (cells: Cells) => {
    const padded = columns.map(({ align }, i) => fitTo(cells[i] ?? '', widths[i] ?? 0, align));
    return ` ${padded.join(GAP)}`.trimEnd();
  };
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n');
}

/** Cuts or pads to exactly a width. Text that may have to be cut must hold no colour codes. */
export function fitTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = truncate(text, width);
  const space = ' '.repeat(Math.max(0, width - stringWidth(fitted)));
  return align === 'right' ? space + fitted : fitted + space;
}

/** Cuts plain text to a width, with an ellipsis; wide characters count as two columns. */
export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Breaks plain text into lines of at most a width, between words where that can be. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (stringWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const { segment } of new Intl.Segmenter().segment(word)) {
      if (stringWidth(line + segment) > width) {
        lines.push(line);
        line = '';
      }
      line += segment;
    }
  }
  return [...lines, line];
}
