// What every text report is printed on: how wide, and in which style.
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { type Style, styleFor } from './style.js';

export interface Page {
  /** Columns; Infinity for files and pipes, where nothing is cut. */
  width: number;
  style: Style;
  /** Who reads it can scroll: lists stand there whole. */
  scrolls?: boolean;
}

export function pageFor(stream: NodeJS.WriteStream): Page {
  return { width: stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY, style: styleFor(stream) };
}

/** Paragraphs, or lists of them, with an empty line between them; empty ones are left out. */
export function paragraphs(...parts: (string | undefined | readonly string[])[]): string {
  return parts
    .flat()
    .filter((part) => part)
    .join('\n\n');
}

/** The first entries of a list, all of them on a page that scrolls; and a line that tells of the others, if there are. */
export function firstOf<T>(
  all: readonly T[],
  most: number,
  { style, scrolls = false }: Page,
): { shown: readonly T[]; more: string[] } {
  const shown = scrolls ? all : all.slice(0, most);
  const left = all.length - shown.length;
  return { shown, more: left > 0 ? [style.dim(` … and ${left} more (--json lists all)`)] : [] };
}

/** Breaks lines that are wider than the page between words; what is broken goes on one column further in. */
export function wrapLines(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (line.length <= width || stringWidth(line) <= width) return [line];
      const content = line.trimStart();
      const indent = line.slice(0, line.length - content.length);
      const broken = wrapAnsi(content, Math.max(10, width - indent.length - 1), { hard: true }).split('\n');
      return broken.map((part, i) => (i === 0 ? indent + part : `${indent} ${part}`));
    })
    .join('\n');
}
