// Tables: for a terminal, with columns as wide as their content and no wider than the page; as CSV; and as Markdown.
import stringWidth from 'string-width';
import { largest } from '../numbers.js';
import { csv } from './csv.js';
import { cutTexts, truncate } from './cut.js';
import { wrapLines } from './page.js';
import { printable, printableCell } from './style.js';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** This column gives way when the table is too wide, the widest first; by default none does. */
  shrinks?: boolean;
  /** So does this one, and its texts go on in further lines in place of being cut. */
  wraps?: boolean;
}

/** What a cell shows, which may hold colour codes; and, where that is less than there is to know, its value for CSV. */
export type Cell = string | { text: string; value: string | number };

/** One row. */
export type Cells = readonly Cell[];

export interface Table {
  columns: readonly Column[];
  rows: readonly Cells[];
}

const textOf = (cell: Cell = '') => (typeof cell === 'string' ? cell : cell.text);

const GAP = '  ';
/** Columns give way down to this width. */
const NARROWEST = 10;

/**
 * A table with a head line, indented by one space.
 * @param width columns of the terminal; Infinity for files and pipes
 */
export function table(columns: readonly Column[], content: readonly Cells[], width: number): string {
  const cells = columns.map((_, i) => content.map((row) => printableCell(textOf(row[i]))));
  const widths = columns.map(({ title }, i) => {
    const one = cells[i] ?? [];
    return one.reduce((widest, text) => Math.max(widest, stringWidth(text)), stringWidth(title));
  });
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) + 2;
  while (total() > width) {
    const giving = columns.map(({ shrinks, wraps }, i) => (shrinks || wraps ? (widths[i] ?? 0) : 0));
    const widest = largest(giving);
    if (widest <= NARROWEST) break;
    widths[giving.indexOf(widest)] = widest - 1;
  }
  const fitted = columns.map(({ shrinks, wraps }, i) => {
    const [one = [], own = 0] = [cells[i], widths[i]];
    if (wraps) return one.map((text) => wrapLines(text, own).split('\n'));
    return (shrinks ? cutTexts(one, own) : one).map((text) => [text]);
  });
  const line = (row: readonly string[]) => {
    const padded = columns.map(({ align }, i) => fitTo(row[i] ?? '', widths[i] ?? 0, align));
    return ` ${padded.join(GAP)}`.trimEnd();
  };
  const rows = content.flatMap((_, k) => {
    const own = fitted.map((one) => one[k] ?? []);
    const height = Math.max(...own.map((lines) => lines.length));
    return Array.from({ length: height }, (_, i) => line(own.map((lines) => lines[i] ?? '')));
  });
  return [line(columns.map(({ title }) => title)), ...rows].join('\n');
}

/** A column without a title holds a picture, which is for terminals. */
const isTitled = ({ title }: Column) => title !== '';

/** A table as CSV: the values, and a head line with the titles of the columns. */
export function csvTable({ columns, rows }: Table): string {
  const titled = <T>(cells: readonly T[]) => cells.filter((_, i) => columns[i] && isTitled(columns[i]));
  const valueIn = (cell: Cell) => {
    const value = typeof cell === 'string' ? cell : cell.value;
    return typeof value === 'string' ? printable(value) : value;
  };
  return csv(
    titled(columns).map(({ title }) => printable(title)),
    rows.map((row) => titled(columns.map((_, i) => valueIn(row[i] ?? '')))),
  );
}

/** A table as Markdown (GitHub's tables): what a terminal shows, without colours. */
export function markdownTable({ columns, rows }: Table): string {
  const line = (cellOf: (column: Column, i: number) => string) => {
    const cells = columns.flatMap((column, i) => (isTitled(column) ? [cellOf(column, i)] : []));
    return `| ${cells.join(' | ')} |`;
  };
  const escaped = (text: string) => printable(text).replace(/[|\\]/g, '\\$&');
  return [
    line(({ title }) => escaped(title)),
    line(({ align }) => (align === 'right' ? '--:' : '---')),
    ...rows.map((row) => line((_, i) => escaped(textOf(row[i])))),
  ].join('\n');
}

/** Cuts or pads to exactly a width. Text that may have to be cut must hold no colour codes. */
export function fitTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = truncate(text, width);
  const space = ' '.repeat(Math.max(0, width - stringWidth(fitted)));
  return align === 'right' ? space + fitted : fitted + space;
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
