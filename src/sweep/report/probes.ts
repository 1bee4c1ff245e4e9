// The probes of a fact's operation, averaged fact by fact.
import type { SweepProbe, SweepSide } from '../result.js';
import type { Value } from './measure.js';
import type { MeasuredProbe, Operated } from './results.js';

type Role = SweepProbe['role'];

/** The probes of some roles, in their order. */
export function probesOf({ effect: { probes } }: Operated, ...roles: Role[]): MeasuredProbe[] {
  return probes.filter(({ role }) => roles.includes(role));
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
  let [total, count] = [0, 0];
  for (const item of items) {
    const one = value(item);
    if (one === null || one === undefined) continue;
    total += one;
    count++;
  }
  return count > 0 ? total / count : undefined;
}
