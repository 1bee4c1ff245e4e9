// The measures of a run as a table for other programs: summary.csv, and the document that --json prints.
import { csv } from '../../report/csv.js';
import { type Definition, definitionOf } from './definitions.js';
import type { Measure } from './measure.js';
import type { RunReport } from './run.js';

const HEADER = [
  'measure',
  'table',
  'name',
  'unit',
  'relation',
  'layer',
  'n',
  'value',
  'sd',
  'low',
  'high',
  'before',
  'control',
  'control_value',
  'control_low',
  'control_high',
  'difference',
  'difference_low',
  'difference_high',
  'comparison',
  'definition',
];

/** A line per measure; an empty relation means all facts. */
export function summaryCsv(measures: readonly Measure[]): string {
  return csv(
    HEADER,
    measures.map(({ name, relation, layer, estimate, before, control }) => {
      const { table, name: title, unit, text }: Definition = definitionOf(name);
      const { n, value, sd, low, high } = estimate;
      const beside = control?.estimate;
      const difference = control?.difference;
      return [
        ...[name, table, title, unit, relation, layer, n, value, sd, low, high, before],
        ...[control?.name, beside?.value, beside?.low, beside?.high],
        ...[difference?.value, difference?.low, difference?.high, control?.comparison, text],
      ];
    }),
  );
}

/** The document that `--json` prints; the shape that scripts read. */
export function summaryJson({ manifest, analysis, results, failures, compared }: RunReport) {
  const { intersections, operation, measures } = analysis;
  return {
    model: manifest.model.name,
    operation,
    facts: results.length,
    failed: failures.length,
    measures: measures.map((one) => ({ ...one, definition: definitionOf(one.name).text })),
    overlap: { relations: intersections.relations, matrix: intersections.matrix },
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
