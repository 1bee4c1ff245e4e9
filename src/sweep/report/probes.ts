// The probes of a fact's operation, each with what random neurons did to it, averaged fact by fact.
import type { SweepProbe, SweepSide } from '../result.js';
import type { Value } from './measure.js';
import type { Operated } from './results.js';
import { sum } from './statistics.js';

export interface MeasuredProbe extends SweepProbe {
  /** After the same on random neurons, draw by draw; none where there is no control. */
  random: SweepSide[];
}

type Role = SweepProbe['role'];

/** The probes of some roles, in their order. */
export function probesOf({ effect: { probes, control } }: Operated, ...roles: Role[]): MeasuredProbe[] {
  const controlled = probes.filter(({ role }) => role !== 'portability');
  const draws = control?.draws ?? [];
  const random = new Map(controlled.map((probe, i) => [probe, draws.flatMap(({ after }) => after[i] ?? [])]));
  return probes
    .filter(({ role }) => roles.includes(role))
    .map((probe) => ({ ...probe, random: random.get(probe) ?? [] }));
}

/** A number of a probe in one state of the model; undefined where it says nothing of it. */
export type OfSide = (side: SweepSide, probe: MeasuredProbe) => number | undefined;

/** Its mean over some probes of a fact, before and after the operation, and on random neurons; null where it is of none. */
export function overProbes(probes: readonly MeasuredProbe[], of: OfSide): Value | null {
  const value = meanOver(probes, (probe) => of(probe.after, probe));
  if (value === undefined) return null;
  return {
    value,
    before: meanOver(probes, (probe) => of(probe.before, probe)),
    control: meanOver(probes, (probe) => meanOver(probe.random, (side) => of(side, probe))),
  };
}

/** Mean of what is known of some probes; undefined where nothing is. */
export function meanOver<T>(
  items: readonly T[],
  value: (item: T) => number | null | undefined,
): number | undefined {
  const known = items.flatMap((item) => value(item) ?? []);
  return known.length > 0 ? sum(known) / known.length : undefined;
}
