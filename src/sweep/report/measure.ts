// A number of a report: what it is, of which facts, how sure it is, and what it stands beside.
import type { Comparison } from '../../probe/comparison.js';
import { DEFINITIONS, type Definition, type MeasureName } from './definitions.js';
import { type Estimate, meanOf, type Parts, ratioOf } from './statistics.js';

export interface Measure {
  name: MeasureName;
  /** Null: of all facts. */
  relation: string | null;
  /** Of what has several values: of which layer. */
  layer?: number;
  estimate: Estimate;
  /** The same before the operation. */
  before?: number;
  control?: Control;
}

/** The same where nothing was located: what is no better says nothing about the place. */
export interface Control {
  name: 'random neurons' | 'another fact' | 'other layers';
  estimate: Estimate;
  /** The facts' own values less their controls', pair by pair. */
  difference: Estimate;
  comparison: Comparison;
}

/** Which way an operation is meant to go. */
export type Aim = 'higher' | 'lower';

/** One fact's value; and the same before, and of its control, where these are measured. */
export interface Value {
  value: number;
  before?: number | undefined;
  control?: number | undefined;
}

/** A measure that is the mean of one value per fact; none where there is no value. */
export function averaged(
  name: MeasureName,
  relation: string | null,
  facts: readonly (Value | null)[],
  aim: Aim = aimOf(name),
  control: Control['name'] = 'random neurons',
): Measure[] {
  const values = facts.filter((one) => one !== null);
  const estimate = meanOf(values.map(({ value }) => value));
  if (!estimate) return [];
  const before = meanOf(values.flatMap((one) => one.before ?? []));
  const pairs = values.flatMap(({ value, control: other }) =>
    other === undefined ? [] : [{ value, other }],
  );
  const beside = meanOf(pairs.map(({ other }) => other));
  const difference = meanOf(pairs.map(({ value, other }) => value - other));
  return [
    {
      name,
      relation,
      estimate,
      ...(before && { before: before.value }),
      ...(beside && difference && { control: controlOf(control, beside, difference, aim) }),
    },
  ];
}

/** One fact's part in a ratio of means; `control` is its control's `over`. */
export interface RatioParts extends Parts {
  control?: number | undefined;
}

/** A measure that is a ratio of means over facts; none where there is nothing to divide by. */
export function ratioMeasure(
  name: MeasureName,
  relation: string | null,
  parts: readonly RatioParts[],
  aim: Aim,
): Measure[] {
  const estimate = ratioOf(parts);
  if (!estimate) return [];
  const pairs = parts.flatMap((one) => (one.control === undefined ? [] : [{ ...one, other: one.control }]));
  const beside = ratioOf(pairs.map(({ other, under }) => ({ over: other, under })));
  const difference = ratioOf(pairs.map(({ over, other, under }) => ({ over: over - other, under })));
  return [
    {
      name,
      relation,
      estimate,
      ...(beside && difference && { control: controlOf('random neurons', beside, difference, aim) }),
    },
  ];
}

export function controlOf(
  name: Control['name'],
  estimate: Estimate,
  difference: Estimate,
  aim: Aim,
): Control {
  const { low, high } = difference;
  const compared = low !== null && high !== null;
  const better = compared && (aim === 'higher' ? low > 0 : high < 0);
  const comparison = better ? 'better than random' : compared ? 'no better than random' : 'not compared';
  return { name, estimate, difference, comparison };
}

function aimOf(name: MeasureName): Aim {
  const { better = 'higher' }: Definition = DEFINITIONS[name];
  return better;
}
