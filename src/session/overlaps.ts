// Edits that change the same neurons.
import { type NeuronId, neuronKey } from '../lm/overlay.js';
import type { Context } from './context.js';
import type { Outcome } from './outcome.js';

/** The applied and pending edits that change some of these neurons, and how many of them. */
export function sharedWith({ ledger, pending }: Context, neurons: readonly NeuronId[]): Outcome['overlaps'] {
  const own = new Set(neurons.map(neuronKey));
  const others = pending.map(({ edit: { id, name }, neurons: theirs }) => {
    return { id, name, neurons: theirs.filter((at) => own.has(neuronKey(at))).length };
  });
  return [...(ledger?.edits.sharing(neurons) ?? []), ...others.filter((one) => one.neurons > 0)];
}

/** "shares neurons with edit 1 (fix-capital): 4, edit 2 (fix-currency): 8". */
export function overlapWarning(overlaps: Outcome['overlaps']): string {
  const each = overlaps.map(({ id, name, neurons }) => `edit ${id} (${name}): ${neurons}`);
  return `shares neurons with ${each.join(', ')}`;
}
