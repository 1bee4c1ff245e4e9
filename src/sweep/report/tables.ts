// The tables of a report: all facts, a line per measure; and relations, a line each with a column per measure.
import { groupBy } from '../../group.js';
import { plural } from '../../report/numbers.js';
import type { SweepOperation } from '../result.js';
import { DEFINITIONS, type Definition, definitionOf, type MeasureName, type Unit } from './definitions.js';
import { intervalText, plainText, valueText } from './format.js';
import type { Measure } from './measure.js';
import type { RunReport } from './run.js';
import type { Estimate } from './statistics.js';

/** A measure of all facts, in words. */
export interface OverallRow {
  name: string;
  about: string;
  n: number;
  value: string;
  sd: string;
  interval: string;
  before: string;
  control: string;
  /** Of the facts that have a control, where these are not all. */
  controlled: string;
  comparison: string;
  /** Of the facts that both runs have, this run's where these are not all its facts, and the other's. */
  shared: string;
  beside: string;
}

export interface OverallTable {
  title: string;
  rows: OverallRow[];
}

/** The measures of all facts, by table. Layers have a figure of their own. */
export function overallTables(measures: readonly Measure[]): OverallTable[] {
  const all = measures.filter(({ relation, layer }) => relation === null && layer === undefined);
  return [...groupBy(all, ({ name }) => definitionOf(name).table)].map(([title, group]) => {
    return { title, rows: group.map(overallRow) };
  });
}

function overallRow({ name, estimate, before, control, beside }: Measure): OverallRow {
  const { name: title, text: about, unit } = definitionOf(name);
  return {
    name: title,
    about,
    n: estimate.n,
    value: valueText(unit, estimate.value),
    sd: plainText(unit, estimate.sd),
    interval: intervalText(unit, estimate),
    before: before === undefined ? '' : plainText(unit, before),
    control: control ? valueText(unit, control.estimate.value) : '',
    controlled: withInterval(unit, partOf(estimate, control?.own)),
    comparison: control && control.name === 'random neurons' ? control.comparison : '',
    shared: withInterval(unit, partOf(estimate, beside?.own)),
    beside: withInterval(unit, beside?.estimate),
  };
}

function withInterval(unit: Unit, estimate: Estimate | undefined): string {
  return estimate ? `${valueText(unit, estimate.value)} (${intervalText(unit, estimate)})` : '';
}

/** An estimate over some of the facts, where it is another one than over all of them. */
export function partOf({ n, value }: Estimate, part: Estimate | undefined): Estimate | undefined {
  return part && (part.n !== n || part.value !== value) ? part : undefined;
}

export interface RelationTable {
  /** In the order of `measures`. */
  names: MeasureName[];
  rows: { relation: string; n: number; measures: (Measure | undefined)[] }[];
}

/** The measures of each relation. @param names those that are wanted, where they are measured; all unless given */
export function relationTable(measures: readonly Measure[], wanted?: readonly MeasureName[]): RelationTable {
  const groups = groupBy(
    measures.filter(({ relation }) => relation !== null),
    ({ relation }) => relation ?? '',
  );
  const known = [...new Set([...groups.values()].flat().map(({ name }) => name))];
  const names = wanted ? wanted.filter((name) => known.includes(name)) : known;
  const rows = [...groups].map(([relation, group]) => {
    const found = names.map((name) => group.find((one) => one.name === name));
    const n = found.reduce((most, one) => Math.max(most, one?.estimate.n ?? 0), 0);
    return { relation, n, measures: found };
  });
  return { names, rows };
}

/** What the measures are, each once, in the order of the definitions. */
export function definedIn(measures: readonly Measure[]): Definition[] {
  const used = new Set<string>(measures.map(({ name }) => name));
  return Object.entries(DEFINITIONS).flatMap(([name, definition]) => (used.has(name) ? [definition] : []));
}

/** What sums an operation up. */
export const HEADLINES: Record<SweepOperation, readonly MeasureName[]> = {
  locate: ['neurons', 'within', 'between', 'baseline-within', 'baseline-between'],
  suppress: ['ratio', 'accuracy', 'better-than-random', 'flips', 'text-perplexity'],
  amplify: ['ratio', 'accuracy', 'better-than-random', 'flips', 'text-perplexity'],
  erase: ['ratio', 'accuracy', 'within-accuracy', 'between-accuracy', 'better-than-random'],
  edit: ['S', 'ES', 'PS', 'NS', 'success-rate', 'portability', 'flips', 'better-than-random'],
};

const DONE: Record<SweepOperation, string> = {
  locate: 'located',
  edit: 'rewritten',
  suppress: 'suppressed',
  amplify: 'amplified',
  erase: 'erased',
};

/** "120 facts of kn-mini, rewritten". */
export function titleOf({ manifest, results, analysis }: RunReport): string {
  const by = manifest.task.by === 'activation' ? ' by activation' : '';
  return `${plural(results.length, 'fact')} of ${manifest.model.name}, ${DONE[analysis.operation]}${by}`;
}
