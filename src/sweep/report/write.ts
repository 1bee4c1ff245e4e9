// The files of a report: tables for other programs, figures, and the page.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { isPresent, replaceFile } from '../../files.js';
import { csv } from '../../report/csv.js';
import { svgFile } from '../../report/figures/svg.js';
import { isOwnPage } from '../../report/html/document.js';
import { csvTable } from '../../report/table.js';
import { makeOut } from '../run-directory.js';
import { FIGURES } from './figures.js';
import { runPage } from './page.js';
import { promptsParquet } from './parquet.js';
import { PROMPT_COLUMNS, promptRows } from './prompts.js';
import type { RunReport } from './run.js';
import { sequenceTable } from './sequence.js';
import { summaryTable } from './summary.js';

/**
 * Writes summary.csv, prompts.csv, prompts.parquet, of a sequential sweep sequence.csv, figures/*.svg and report.html, in place
 * of those of an earlier report.
 * @returns the paths of what was written, the page's first
 * @throws InputError when a file cannot be written, or is there and of no report
 */
export function writeReport(directory: string, run: RunReport): string[] {
  const figures = join(directory, 'figures');
  makeOut(directory);
  const sequence = join(directory, 'sequence.csv');
  const names = PROMPT_COLUMNS.map(({ name }) => name);
  const prompts = run.results.flatMap(promptRows);
  const files: [string, string | Uint8Array][] = [
    [join(directory, 'report.html'), runPage(run)],
    [join(directory, 'summary.csv'), `${csvTable(summaryTable(run.analysis.measures))}\n`],
    ...(run.checks.length > 0
      ? [[sequence, `${csvTable(sequenceTable(run.checks))}\n`] as [string, string]]
      : []),
    [join(directory, 'prompts.csv'), `${csv(names, prompts)}\n`],
    [join(directory, 'prompts.parquet'), promptsParquet(prompts)],
    ...run.figures.map(({ name, svg }): [string, string] => [join(figures, `${name}.svg`), svgFile(svg)]),
  ];
  expectOwn(files.map(([path]) => path));
  if (run.figures.length > 0) makeOut(figures);
  rmSync(sequence, { force: true });
  for (const name of FIGURES) rmSync(join(figures, `${name}.svg`), { force: true });
  for (const [path, content] of files) replaceFile(path, content);
  return files.map(([path]) => path);
}

/** @throws InputError when one of the files is there, and the page, which comes first, is none of ours */
function expectOwn([page = '', ...others]: readonly string[]): void {
  const found = [page, ...others].find(isPresent);
  if (found === undefined || (isPresent(page) && isOwnPage(readFileSync(page, 'utf8')))) return;
  throw new InputError(`${found}: is there already, and of no report; choose another --out`);
}
