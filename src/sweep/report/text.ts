// A report in the terminal: the tables of the paper, readable at 80 columns and without colour.
import { bar, percent, plural } from '../../report/numbers.js';
import { type Page, paragraphs } from '../../report/page.js';
import { printable } from '../../report/style.js';
import { type Column, table } from '../../report/table.js';
import { definitionOf } from './definitions.js';
import { intervalText, plainText, valueText } from './format.js';
import type { Measure } from './measure.js';
import type { RunReport } from './run.js';
import { groupBy, largestOf } from './statistics.js';
import { HEADLINES, relationTable, titleOf } from './tables.js';

/** Relations that are listed; summary.csv has all. */
const LISTED = 40;

export function runText(run: RunReport, page: Page): string {
  const { style } = page;
  const { analysis, results, failures } = run;
  const relations = new Set(results.map(({ relation }) => relation)).size;
  const lost = failures.length > 0 ? `, ${failures.length} failed` : '';
  return paragraphs(
    `${style.bold(printable(titleOf(run)))}: ${plural(relations, 'relation')}${lost}`,
    measuresText(analysis.measures, page),
    layerText(run, page),
    relationText(run, page),
  );
}

/** The measures of all facts, by table. Layers have a table of their own. */
export function measuresText(measures: readonly Measure[], page: Page): string {
  const all = measures.filter(({ relation, layer }) => relation === null && layer === undefined);
  return paragraphs(
    [...groupBy(all, ({ name }) => definitionOf(name).table)].map(([title, group]) => {
      return `${page.style.bold(title)}\n${measureTable(group, page)}`;
    }),
  );
}

const NUMBER = { align: 'right' as const };

/** A line per measure; below it what it was before, and its control's. */
function measureTable(measures: readonly Measure[], { width, style }: Page): string {
  const columns: Column[] = [
    { title: '', shrinks: true },
    { title: 'n', ...NUMBER },
    { title: 'value', ...NUMBER },
    { title: 'sd', ...NUMBER },
    { title: '95% interval', ...NUMBER },
  ];
  const rows = measures.flatMap(({ name, estimate, before, control }) => {
    const { name: title, unit } = definitionOf(name);
    const { n, value, sd } = estimate;
    const own = [title, String(n), valueText(unit, value), plainText(unit, sd), intervalText(unit, estimate)];
    const rest = [
      ...(before === undefined ? [] : [['  before', '', plainText(unit, before), '', '']]),
      ...(control ? [controlRow(control, name)] : []),
    ];
    return [own, ...rest.map((row) => row.map((cell) => style.dim(cell)))];
  });
  return table(columns, rows, width);
}

function controlRow(
  { name: title, estimate, comparison }: NonNullable<Measure['control']>,
  name: Measure['name'],
) {
  const { unit } = definitionOf(name);
  const verdict = {
    'better than random': ', beaten',
    'no better than random': ', not beaten',
    'not compared': '',
  };
  const { n, value, sd } = estimate;
  return [
    `  ${title}${verdict[comparison]}`,
    ...[String(n), valueText(unit, value), plainText(unit, sd), intervalText(unit, estimate)],
  ];
}

function layerText({ analysis: { layers } }: RunReport, { width, style }: Page): string {
  if (layers.own.length === 0) return '';
  const cells = Math.min(40, Math.max(10, width - 42));
  const rows = layers.own.map(({ value }, layer) => [
    String(layer),
    percent(value),
    style.accent(bar(value, cells)),
    percent(layers.baseline[layer]?.value ?? 0),
  ]);
  const columns = [
    { title: 'layer', ...NUMBER },
    { title: 'share', ...NUMBER },
    { title: '' },
    { title: 'baseline', ...NUMBER },
  ];
  const shown = layers.baseline.length > 0 ? columns : columns.slice(0, 3);
  return `${style.bold('Layers')}\n${table(shown, rows, width)}`;
}

function relationText({ analysis: { operation, measures } }: RunReport, page: Page): string {
  const { names, rows } = relationTable(measures, HEADLINES[operation]);
  if (rows.length < 2 || names.length === 0) return '';
  const text = (count: number) => {
    const columns: Column[] = [
      { title: 'relation', shrinks: true },
      { title: 'facts', ...NUMBER },
      ...names.slice(0, count).map((title) => ({ title, ...NUMBER })),
    ];
    const body = largestOf(rows, LISTED, ({ n }) => n).map(({ relation, n, measures: found }) => [
      printable(relation),
      String(n),
      ...names.slice(0, count).map((name, i) => valueText(definitionOf(name).unit, found[i]?.estimate.value)),
    ]);
    return table(columns, body, page.width);
  };
  // Columns that do not fit are left to summary.csv and the page.
  let count = names.length;
  while (count > 1 && 16 + names.slice(0, count).reduce((sum, one) => sum + one.length + 2, 7) > page.width)
    count--;
  const more = rows.length > LISTED ? `\n … and ${rows.length - LISTED} smaller ones in summary.csv` : '';
  return `${page.style.bold('Relations')}\n${text(count)}${page.style.dim(more)}`;
}
