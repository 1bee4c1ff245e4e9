// The check of the edits themselves: how each applied one stands in the model's present state.
import type { Context } from './context.js';
import { type StandingEdit, Standings, toRecord } from './standings.js';
import { writing } from './writing.js';

/** How the applied edits stand; the shape that scripts read. */
export interface EditsCheck {
  edits: StandingEdit[];
  /** Edits that hold, and that are weakened or lost; those that reached nothing are neither. */
  passed: number;
  failed: number;
  /** Applied edits that have nothing to be measured, or whose fact was edited again. */
  unmeasured: number;
  seconds: number;
}

/**
 * Measures every applied edit in force, and records how it stands where the ledger can be written.
 * @internal
 */
export async function checkEdits(context: Context): Promise<EditsCheck> {
  const start = performance.now();
  context.progress('probe', 0, 1);
  const standings = await Standings.of(context, context.edits);
  const edits = standings.judge(await standings.measure(context.overlay));
  context.progress('probe', 1, 1);
  const { ledger, applied } = context;
  if (edits.length > 0) await writing(context, () => ledger?.edits.keepStandings(toRecord(edits), applied));
  const count = (...states: StandingEdit['state'][]) =>
    edits.filter(({ state }) => states.includes(state)).length;
  return {
    edits,
    passed: count('holds'),
    failed: count('weakened', 'lost'),
    unmeasured: context.applied.length - edits.length,
    seconds: (performance.now() - start) / 1000,
  };
}
