// The measures of a run as a table for other programs: summary.csv, --format, and the document that --json prints.
import type { Cell, Column, Table } from '../../report/table.js';
import { type Definition, definitionOf } from './definitions.js';
import { enginesOf } from './engines.js';
import { plainText, valueText } from './format.js';
import type { Measure } from './measure.js';
import type { RunReport } from './run.js';
import type { Estimate } from './statistics.js';

const NUMBER = { align: 'right' as const };
const COLUMNS: readonly Column[] = [
  ...['measure', 'relation', 'layer'].map((title) => ({ title })),
  ...['n', 'value', 'sd', 'low', 'high', 'before'].map((title) => ({ title, ...NUMBER })),
  { title: 'control' },
  ...['control_value', 'control_low', 'control_high'].map((title) => ({ title, ...NUMBER })),
  ...['difference', 'difference_low', 'difference_high'].map((title) => ({ title, ...NUMBER })),
  { title: 'comparison' },
  { title: 'beside' },
  ...['beside_n', 'beside_value', 'beside_low', 'beside_high'].map((title) => ({ title, ...NUMBER })),
  ...['shared_n', 'shared_value', 'shared_low', 'shared_high'].map((title) => ({ title, ...NUMBER })),
  ...['unit', 'table', 'name', 'definition'].map((title) => ({ title })),
];

/** A line per measure; an empty relation means all facts, or all relations where it is a mean over these. */
export function summaryTable(measures: readonly Measure[]): Table {
  return { columns: COLUMNS, rows: measures.map(summaryRow) };
}

function summaryRow({ name, relation, layer, estimate, before, control, beside }: Measure): Cell[] {
  const { table, name: title, unit, text }: Definition = definitionOf(name);
  const { n, value, sd } = estimate;
  // Beside another run, its facts count; else those that have a control.
  const shared = beside?.own ?? control?.own;
  const number = (one: number | null | undefined, written = valueText(unit, one)) => {
    return one === null || one === undefined ? '' : { text: written, value: one };
  };
  const interval = (one: Estimate | undefined) => [number(one?.value), number(one?.low), number(one?.high)];
  return [
    ...[name, relation ?? '', number(layer, String(layer))],
    ...[number(n, String(n)), number(value), number(sd, plainText(unit, sd))],
    ...[number(estimate.low), number(estimate.high), number(before, plainText(unit, before))],
    ...[control?.name ?? '', ...interval(control?.estimate), ...interval(control?.difference)],
    ...[
      control?.comparison ?? '',
      beside?.name ?? '',
      number(beside?.estimate.n, String(beside?.estimate.n)),
    ],
    ...interval(beside?.estimate),
    ...[number(shared?.n, String(shared?.n)), ...interval(shared)],
    ...[unit, table, title, text],
  ];
}

/** The document that `--json` prints; the shape that scripts read. */
export function summaryJson({ manifest, analysis, results, failures, checks, compared, beside }: RunReport) {
  const { intersections, operation, measures } = analysis;
  return {
    model: manifest.model.name,
    operation,
    facts: results.length,
    failed: failures.length,
    engines: enginesOf(results),
    measures: measures.map((one) => ({ ...one, definition: definitionOf(one.name).text })),
    overlap: { relations: intersections.relations, matrix: intersections.matrix },
    ...(checks.length > 0 && { checks }),
    ...(beside && { beside }),
    ...(compared && {
      compared: {
        source: compared.source,
        ownAlone: compared.ownAlone,
        otherAlone: compared.otherAlone,
        facts: compared.facts.map(({ fact: { id }, ...counts }) => ({ id, ...counts })),
      },
    }),
  };
}
