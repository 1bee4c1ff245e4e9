// What every text report is printed on: how wide, and in which style.
import { type Style, styleFor } from './style.js';

export interface Page {
  /** Columns; Infinity for files and pipes, where nothing is cut. */
  width: number;
  style: Style;
}

export function pageFor(stream: NodeJS.WriteStream): Page {
  return { width: stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY, style: styleFor(stream) };
}

/** Paragraphs with an empty line between them; empty ones are left out. */
export function paragraphs(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part).join('\n\n');
}
