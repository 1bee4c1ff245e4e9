// A number of a report: what it is, of which facts, how sure it is, and what it stands beside.
import type { Comparison } from '../../probe/comparison.js';
import { DEFINITIONS, type Definition, type MeasureName } from './definitions.js';
import {
  type Estimate,
  estimate,
  type Parts,
  type Statistic,
  weightedMean,
  weightedRatio,
} from './statistics.js';

export interface Measure {
  name: MeasureName;
  /** Null: of all facts, or the mean over all relations. */
  relation: string | null;
  /** Of what has several values: of which layer. */
  layer?: number;
  estimate: Estimate;
  /** The same before the operation. */
  before?: number;
  control?: Control;
  /** The same of another run, and of this one, each over the facts of both. */
  beside?: { name: string; own: Estimate; estimate: Estimate };
}

/** The same where nothing was located: what is no better says nothing about the place. */
export interface Control {
  name: 'random neurons' | 'another fact' | 'other layers';
  estimate: Estimate;
  /** The measure of the facts that have a control, which may be fewer. */
  own: Estimate;
  /** The measure less its control's, of the facts that have one. */
  difference: Estimate;
  comparison: Comparison;
}

/** Which way an operation is meant to go. */
export type Aim = 'higher' | 'lower';

/** One fact's part in a measure; and the same before, and of its control, where these are measured. */
export interface Value<T = number> {
  value: T;
  before?: T | undefined;
  control?: T | undefined;
  /** Of the parts that have a control, where that is not `value`: from this the control is subtracted. */
  controlled?: T | undefined;
}

interface Computed {
  statistic: Statistic;
  /** The facts' own values, where it is the mean of these. */
  values?: readonly number[];
}

/** How a measure follows from the parts of its facts. */
type Method<T> = (parts: readonly T[]) => Computed;

export interface Options {
  aim?: Aim;
  control?: Control['name'];
  /** What it was before, where that is not the same of `before` of the facts. */
  before?: number;
}

/**
 * A measure of facts, beside what it was before and beside its control.
 * @returns none where there is no fact, or nothing to divide by
 */
export function measureOf<T>(
  name: MeasureName,
  relation: string | null,
  facts: readonly (Value<T> | null)[],
  method: Method<T>,
  { aim = aimOf(name), control = 'random neurons', before }: Options = {},
): Measure[] {
  const known = facts.filter((one) => one !== null);
  const own = estimateOf(
    known.map(({ value }) => value),
    method,
  );
  if (!own) return [];
  const was =
    before ??
    estimateOf(
      known.flatMap(({ before: one }) => (one === undefined ? [] : [one])),
      method,
    )?.value;
  const pairs = known.flatMap(({ value, control: other, controlled = value }) =>
    other === undefined ? [] : [{ value: controlled, other }],
  );
  const values = pairs.map(({ value }) => value);
  const others = pairs.map(({ other }) => other);
  const beside = estimateOf(others, method);
  const controlled = beside && estimateOf(values, method);
  const difference = beside && estimateOf(pairs, () => less(method(values), method(others)));
  return [
    {
      name,
      relation,
      estimate: own,
      ...(was !== undefined && { before: was }),
      ...(beside &&
        controlled &&
        difference && {
          control: {
            name: control,
            estimate: beside,
            own: controlled,
            difference,
            comparison: comparisonOf(difference, beside, aim),
          },
        }),
    },
  ];
}

function estimateOf<T>(parts: readonly T[], method: Method<T>): Estimate | undefined {
  if (parts.length === 0) return undefined;
  const { statistic, values } = method(parts);
  const found = estimate(parts.length, statistic, values);
  return Number.isFinite(found.value) ? found : undefined;
}

function less(one: Computed, other: Computed): Computed {
  return {
    statistic: (weights) => one.statistic(weights) - other.statistic(weights),
    ...(one.values && { values: one.values.map((value, i) => value - (other.values?.[i] ?? 0)) }),
  };
}

/** A measure that is the mean of one value per fact. */
export function averaged(
  name: MeasureName,
  relation: string | null,
  facts: readonly (Value | null)[],
  options?: Options,
): Measure[] {
  return measureOf(name, relation, facts, (values) => ({ statistic: weightedMean(values), values }), options);
}

/** A measure that is a ratio of means over facts. */
export function ratioMeasure(
  name: MeasureName,
  relation: string | null,
  facts: readonly Value<Parts>[],
  options?: Options,
): Measure[] {
  return measureOf(name, relation, facts, weightedRatio, options);
}

/** Of a number, what rounding makes of it. */
const ROUNDING = 1e-9;

/** Fewer units lie all on one side by chance more often than a 95% interval allows for: five of them once in 32 times. */
const LEAST = 6;

function comparisonOf({ n, low, high }: Estimate, control: Estimate, aim: Aim): Comparison {
  if (n < LEAST || low === null || high === null) return 'not compared';
  const least = ROUNDING * Math.max(1, Math.abs(control.value));
  const better = aim === 'higher' ? low > least : high < -least;
  return better ? 'better than random' : 'no better than random';
}

function aimOf(name: MeasureName): Aim {
  const { better = 'higher' }: Definition = DEFINITIONS[name];
  return better;
}
