// The probes of a fact's operation, each with what random neurons did to it, averaged fact by fact.
import type { SweepProbe } from '../result.js';
import type { Operated } from './results.js';
import { sum } from './statistics.js';

export interface MeasuredProbe extends SweepProbe {
  /** After the same on random neurons, the mean over the draws; absent where there is no control. */
  random?: { prob: number; newProb?: number | undefined } | undefined;
}

type Role = SweepProbe['role'];

/** The probes of some roles, in their order. */
export function probesOf({ effect: { probes, control } }: Operated, ...roles: Role[]): MeasuredProbe[] {
  const controlled = probes.filter(({ role }) => role !== 'portability');
  const random = new Map(controlled.map((probe, i) => [probe, control?.after[i]]));
  return probes
    .filter(({ role }) => roles.includes(role))
    .map((probe) => ({ ...probe, random: random.get(probe) }));
}

/** Mean of what is known of some probes; undefined where nothing is. */
export function meanOver<T>(
  items: readonly T[],
  value: (item: T) => number | null | undefined,
): number | undefined {
  const known = items.flatMap((item) => value(item) ?? []);
  return known.length > 0 ? sum(known) / known.length : undefined;
}
