// What measurements print: the machine they ran on, paragraphs, and tables.
import { cpus, loadavg, totalmem } from 'node:os';
import { pageFor } from '../report/page.js';
import { table } from '../report/table.js';

/**
 * What figures depend on: the processor, how many others wanted it in the last minute, memory, and Node. (Threads of
 * PyTorch wait for each other in loops: on a busy machine their times grow many times over.)
 */
export function machine(): string {
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${processor}, ${cpus().length} cores (load ${load}), ${gigabytes(totalmem())} GB, node ${process.versions.node}`;
}

/** Paragraphs, with an empty line behind each. */
export function say(...parts: string[]): void {
  process.stdout.write(`${parts.join('\n\n')}\n\n`);
}

/** A table of which so many first columns are words, and all others numbers. */
export function tableOf(
  titles: readonly string[],
  words: number,
  rows: readonly (readonly string[])[],
): string {
  const columns = titles.map((title, i) => ({
    title,
    align: i < words ? ('left' as const) : ('right' as const),
  }));
  return table(columns, rows, pageFor(process.stdout).width);
}

export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}
