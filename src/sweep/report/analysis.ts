// All that is computed of a finished run: its measures, over all facts and by relation, and what the figures show.
import { groupBy } from '../../group.js';
import type { SweepOperation } from '../result.js';
import { effectMeasures } from './effects.js';
import type { Measure } from './measure.js';
import {
  countOf,
  type Intersections,
  intersections,
  type LocatedFact,
  layerShares,
  locatedIn,
} from './neurons.js';
import { isOperated, type ReportResult } from './results.js';
import { rewriteMeasures } from './rewrites.js';
import type { Estimate } from './statistics.js';

export interface Analysis {
  /** What the run did with each fact. */
  operation: SweepOperation;
  measures: Measure[];
  /** Share of the located neurons by layer, and of the activation baseline's; empty without neurons. */
  layers: { own: Estimate[]; baseline: Estimate[] };
  intersections: Intersections;
}

/**
 * @param results of one run, in their order
 * @param operation what the run did with each fact
 * @param layers of the model
 */
export function analyse(
  results: readonly ReportResult[],
  operation: SweepOperation,
  layers: number,
): Analysis {
  const own = locatedIn(results);
  const baseline = results.map((one): LocatedFact => ({ relation: one.relation, neurons: one.baseline }));
  const shared = intersections(own);
  const shares = { own: layerShares(own, layers), baseline: layerShares(baseline, layers) };
  const operated = results.filter(isOperated);
  const groups = groupBy(operated, ({ relation }) => relation);
  const effects = [[null, operated] as const, ...groups].flatMap(([relation, facts]) => [
    ...(operation === 'edit' ? rewriteMeasures(facts, relation) : []),
    ...effectMeasures(facts, operation, relation),
  ]);
  return {
    operation,
    measures: [
      ...neuronMeasures(own, shared, ''),
      ...neuronMeasures(baseline, intersections(baseline), 'baseline-'),
      ...layerMeasures(shares.own, 'layer'),
      ...layerMeasures(shares.baseline, 'baseline-layer'),
      ...(operated.length > 0 ? effects : []),
    ],
    layers: shares,
    intersections: shared,
  };
}

function neuronMeasures(
  facts: readonly LocatedFact[],
  shared: Intersections,
  prefix: '' | 'baseline-',
): Measure[] {
  if (facts.every(({ neurons }) => neurons.length === 0)) return [];
  const groups = groupBy(facts, ({ relation }) => relation);
  const measure = (name: 'neurons' | 'within' | 'between', relation: string | null, found?: Estimate) => {
    return found ? [{ name: `${prefix}${name}` as const, relation, estimate: found }] : [];
  };
  return [
    ...measure('neurons', null, countOf(facts)),
    ...measure('within', null, shared.withinAll),
    ...measure('between', null, shared.betweenAll),
    ...shared.relations.flatMap((relation, r) => [
      ...measure('neurons', relation, countOf(groups.get(relation) ?? [])),
      ...measure('within', relation, shared.within[r]),
      ...measure('between', relation, shared.between[r]),
    ]),
  ];
}

function layerMeasures(shares: readonly Estimate[], name: 'layer' | 'baseline-layer'): Measure[] {
  return shares.map((estimate, layer) => ({ name, relation: null, layer, estimate }));
}
