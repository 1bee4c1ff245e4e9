// A report in the terminal: the tables of the paper, readable at 80 columns and without colour.
import { groupBy, largestOf } from '../../group.js';
import { bar, percent, plural } from '../../report/numbers.js';
import { type Page, paragraphs, wrapLines } from '../../report/page.js';
import { printable } from '../../report/style.js';
import { type Column, table } from '../../report/table.js';
import { Reasons } from '../../sets/reasons.js';
import type { Relations } from '../relations/file.js';
import { definitionOf, PREAMBLE, type Unit } from './definitions.js';
import { enginesText } from './engines.js';
import { intervalText, missingText, plainText, valueText } from './format.js';
import type { Measure } from './measure.js';
import type { RunReport } from './run.js';
import { sequenceTable } from './sequence.js';
import type { Estimate } from './statistics.js';
import { definedIn, HEADLINES, partOf, relationTable, titleOf } from './tables.js';

/** Relations that are listed; summary.csv has all. */
const LISTED = 40;

/** @param definitions whether it says what every number is */
export function runText(run: RunReport, page: Page, definitions = false): string {
  const { style } = page;
  const { analysis, results } = run;
  const relations = new Set(results.map(({ relation }) => relation)).size;
  const lost = missingText(run.manifest);
  const engines = enginesText(results);
  return paragraphs(
    `${style.bold(printable(titleOf(run)))}: ${plural(relations, 'relation')}${lost}${aboutBeside(run)}${engines && `\n${printable(engines)}`}`,
    measuresText(analysis.measures, page),
    leftOutText(run.relations, page),
    sequenceText(run, page),
    layerText(run, page),
    relationText(run, page),
    definitions
      ? definitionText(run, page)
      : wrapLines(style.dim('What each number is: --definitions, or the page.'), page.width),
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

/** Sentences that were not asked, and facts without any, over all relations. */
export function leftOutText(relations: Relations | undefined, { style, width }: Page): string {
  const reasons = new Reasons();
  for (const { leftOut } of relations?.activation?.relations ?? []) {
    for (const { reason, count } of leftOut) reasons.add(reason, count);
  }
  const lines = reasons.list().map(({ reason, count }) => ` ${count} ${reason}`);
  return lines.length === 0
    ? ''
    : wrapLines([style.bold('Left out on sentences'), ...lines].join('\n'), width);
}

function aboutBeside({ beside }: RunReport): string {
  return beside ? `\nbeside ${printable(beside.source)}: ${plural(beside.facts, 'fact')} of both` : '';
}

const NUMBER = { align: 'right' as const };

/** A line per measure; below it what it was before, and its control's. */
function measureTable(measures: readonly Measure[], { width, style }: Page): string {
  const columns: Column[] = [
    { title: '', wraps: true },
    { title: 'n', ...NUMBER },
    { title: 'value', ...NUMBER },
    { title: 'sd', ...NUMBER },
    { title: '95% interval', ...NUMBER },
  ];
  const rows = measures.flatMap(({ name, estimate, before, control, beside }) => {
    const { name: title, unit } = definitionOf(name);
    const controlled = partOf(estimate, control?.own);
    const shared = partOf(estimate, beside?.own);
    const own = [title, ...estimateCells(unit, estimate)];
    const rest = [
      ...(before === undefined ? [] : [['before', '', plainText(unit, before), '', '']]),
      ...(controlled ? [['those with a control', ...estimateCells(unit, controlled)]] : []),
      ...(control
        ? [[`${control.name}${BESIDE[control.comparison]}`, ...estimateCells(unit, control.estimate)]]
        : []),
      ...(shared ? [['the facts of both', ...estimateCells(unit, shared)]] : []),
      ...(beside ? [[printable(beside.name), ...estimateCells(unit, beside.estimate)]] : []),
    ];
    return [own, ...rest.map((row) => row.map((cell, i) => `${i === 0 ? '  ' : ''}${style.dim(cell)}`))];
  });
  return table(columns, rows, width);
}

/** How the control fares beside the operation. */
const BESIDE = {
  'better than random': ': worse',
  'no better than random': ': no worse',
  'not compared': ': not compared',
};

function estimateCells(unit: Unit, estimate: Estimate): string[] {
  const { n, value, sd } = estimate;
  return [String(n), valueText(unit, value), plainText(unit, sd), intervalText(unit, estimate)];
}

function sequenceText({ checks }: RunReport, { width, style }: Page): string {
  if (checks.length === 0) return '';
  const { columns, rows } = sequenceTable(checks);
  return `${style.bold('Edits on top of each other')}\n${table(columns, rows, width)}`;
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
  const listed = largestOf(rows, LISTED, ({ n }) => n);
  const cells = names.map((_, i) => listed.map(({ measures: found }) => besideText(found[i])));
  // Columns that do not fit are left to summary.csv and the page.
  const widths = names.map((name, i) => Math.max(name.length, ...(cells[i] ?? []).map((one) => one.length)));
  const widthOf = (count: number) => widths.slice(0, count).reduce((sum, one) => sum + one + 2, 23);
  let count = names.length;
  while (count > 1 && widthOf(count) > page.width) count--;
  const columns: Column[] = [
    { title: 'relation', shrinks: true },
    { title: 'facts', ...NUMBER },
    ...names.slice(0, count).map((title) => ({ title, ...NUMBER })),
  ];
  const body = listed.map(({ relation, n }, k) => [
    printable(relation),
    String(n),
    ...cells.slice(0, count).map((one) => one[k] ?? ''),
  ]);
  const more = [
    ...(cells.flat().some((one) => one.includes('(')) ? ['In brackets: random neurons.'] : []),
    ...(rows.length > LISTED ? [`… and ${rows.length - LISTED} smaller ones in summary.csv`] : []),
  ].map((line) => `\n ${page.style.dim(line)}`);
  return `${page.style.bold('Relations')}\n${table(columns, body, page.width)}${more.join('')}`;
}

/** A value, and in brackets that of random neurons. */
function besideText(measure: Measure | undefined): string {
  if (!measure) return valueText('count', undefined);
  const { unit } = definitionOf(measure.name);
  const beside = measure.control && ` (${valueText(unit, measure.control.estimate.value)})`;
  return valueText(unit, measure.estimate.value) + (beside ?? '');
}

/** What the numbers of a run are, word by word. */
function definitionText({ analysis }: RunReport, { style, width }: Page): string {
  const used = definedIn(analysis.measures).map(({ name, text }) => ` ${style.bold(name)}: ${text}`);
  return wrapLines([style.bold('What the numbers are'), ` ${PREAMBLE}`, ...used].join('\n'), width);
}
