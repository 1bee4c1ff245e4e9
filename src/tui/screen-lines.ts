// A report as the lines of a screen, which scrolls.
import { type Page, wrapLines } from '../report/page.js';
import type { Style } from '../report/style.js';

/** @param width columns of the screen */
export function screenLines(report: (page: Page) => string, width: number, style: Style): string[] {
  const page = { width: width - 1, style, scrolls: true };
  return wrapLines(report(page), page.width).split('\n');
}
