// The trials of a session: which of them are about the fact on the bench, which is of what is chosen at present, and which is
// the best.
import { type Bench, editOnBench, type Trial } from './bench.js';

/** What identifies trials: all that a measurement rests on, but for the edit's name. */
export function identityOf(bench: Bench, state: string): Pick<Trial, 'key' | 'fact' | 'state'> | undefined {
  const edit = editOnBench(bench);
  return (
    edit && {
      key: canonical([state, { ...edit, name: '' }]),
      fact: canonical(edit.fact),
      state,
    }
  );
}

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** What makes the best trial; it stands on the screen. */
export const BEST = 'all that was asked, beats random, fewest regressions, largest effect';

/**
 * The best trial by that rule: of those that show what was asked on every prompt and held-out wording and are better than
 * random neurons, the one with the fewest regressions; of several such, the one with the largest effect; of those, the first.
 */
export function bestOf(trials: readonly Trial[]): Trial | undefined {
  const sound = trials.flatMap((trial) => {
    const { result } = trial;
    if (result?.comparison !== 'better than random') return [];
    const { target, heldOut } = result.reach;
    const asked = target.after === target.of && heldOut.after === heldOut.of;
    return asked ? [{ trial, lost: result.regressions.length, effect: Math.abs(result.metrics.effect) }] : [];
  });
  return sound.sort((a, b) => a.lost - b.lost || b.effect - a.effect)[0]?.trial;
}
