// Changing which edits are applied: taking them back or putting them on again. The applied edits are replayed on the
// base in the order of their ids, the others' standing is measured, and everything is recorded in one step.
import { z } from 'zod';
import { ConflictError, InterruptedError } from '../errors.js';
import type { EditDetail } from '../ledger/edits.js';
import type { StoredVector } from '../ledger/records.js';
import { type NeuronId, NO_OVERLAY, neuronKey, type Overlay, vectorHash } from '../lm/overlay.js';
import { largest, smallest } from '../numbers.js';
import type { ProbeResult, Regression } from '../probe/results.js';
import { toleranceSchema } from '../spec/edit-file.js';
import { replaced, replay } from '../surgery/replay.js';
import { inForce, readAppliedEdits } from './applied-edits.js';
import type { Context } from './context.js';
import { encodeRecorded, measureIfFinite } from './measure.js';
import { type StandingEdit, Standings, toRecord } from './standings.js';
import { doesNotFit, hashOf, readEditVectors, readVectors, touched } from './state.js';
import { writing } from './writing.js';

/** Which edits to take back. */
export type RevertChoice = { id: number } | { ids: readonly number[] } | 'last' | 'all';

/** One edit that was taken back or put on again; the shape that scripts read. */
export interface ChangedEdit {
  id: number;
  name: string;
  /** Its probes, measured before the step and after it; none for a patch, or where the model's answers are no numbers. */
  was: ProbeResult[];
  probes: ProbeResult[];
  /**
   * Largest difference of a probability after the step from the one that was recorded; null where the edit was recorded
   * on another stack than it is taken from now, so that they need not be the same.
   */
  maxDifference: number | null;
  /** Its value vectors after the step, and whether they are, byte for byte, what was recorded of this state. */
  vectors: { layer: number; neuron: number; sha256: string; matches: boolean }[];
}

export interface RestackResult {
  status: 'reverted' | 'applied' | 'refused';
  /** True when nothing was changed. */
  dryRun: boolean;
  /** Whether the step is refused, or would be if this were no dry run. */
  wouldRefuse: boolean;
  edits: ChangedEdit[];
  /** Other applied edits that touch the same neurons and came out otherwise when they were replayed. */
  replayed: number[];
  /** Ids of the edits that are applied after the step. */
  applied: number[];
  /** Whether no edit is applied after the step, and every value vector is, byte for byte, the base's. */
  isBase: boolean;
  /** How the other applied edits stand after the step. */
  standings: StandingEdit[];
  /** What those lost by it. */
  regressions: Regression[];
}

export interface RestackOptions {
  /** Tell what the step would do, change nothing. */
  dryRun?: boolean | undefined;
  /** Take the step although other edits lose by it. */
  allowRegressions?: boolean | undefined;
}

/**
 * Takes edits back, all that are named or none, the newest first.
 * @throws ConflictError when there is nothing to revert, or the edit is reverted already
 */
export async function revertEdits(
  context: Context,
  choice: RevertChoice,
  options: RestackOptions,
): Promise<RestackResult> {
  const { applied } = context;
  if (typeof choice === 'object') {
    const ids = 'id' in choice ? [choice.id] : [...new Set(choice.ids)].sort((a, b) => b - a);
    for (const id of ids) {
      const { status, revertedAt } = ledgerOf(context).edits.get(id);
      if (status === 'reverted')
        throw new ConflictError(`edit ${id}: is reverted already (at ${revertedAt})`);
    }
    return restack(context, ids, 'reverted', options);
  }
  const last = applied.at(-1);
  ledgerOf(context);
  if (last === undefined) throw new ConflictError('no edit is applied, so there is nothing to revert');
  return restack(context, choice === 'last' ? [last] : [...applied].reverse(), 'reverted', options);
}

/**
 * Puts a reverted edit on again, in its old place in the order.
 * @throws ConflictError when it is applied already
 */
export async function redoEdit(
  context: Context,
  id: number,
  options: RestackOptions,
): Promise<RestackResult> {
  const { status } = ledgerOf(context).edits.get(id);
  if (status === 'applied') throw new ConflictError(`edit ${id}: is applied already`);
  return restack(context, [id], 'applied', options);
}

function ledgerOf({ ledger }: Context) {
  if (!ledger) throw new ConflictError('there is no ledger yet; apply an edit first');
  return ledger;
}

async function restack(
  context: Context,
  ids: readonly number[],
  direction: 'reverted' | 'applied',
  { dryRun = false, allowRegressions = false }: RestackOptions,
): Promise<RestackResult> {
  const ledger = ledgerOf(context);
  if (!dryRun) ledger.expectWritable();
  const { edits: store } = ledger;
  const { applied, model } = context;
  const next =
    direction === 'reverted'
      ? applied.filter((id) => !ids.includes(id))
      : [...applied, ...ids].sort((a, b) => a - b);
  const changed = ids.map((id) => store.get(id));
  // Only what is done to the neurons of these edits comes out otherwise.
  const neurons = touched(ids.map((id) => readEditVectors(ledger, id, model)));
  const known = store.chains(neurons, [...applied, ...ids]);
  checkLinks(known, new Set(applied));
  const kept = new Set(next);
  const stored = [...known].filter(([id]) => kept.has(id));
  const base = await readVectors(context, neurons, NO_OVERLAY);
  const now = replay(
    base,
    stored.map(([, vectors]) => vectors),
  );
  const overlay = replaced(context.overlay, neurons, now);
  const current = await readVectors(context, neurons, overlay);
  const lowest = smallest(ids);
  const moved = stored.flatMap(([id, recorded], i) => {
    const vectors = now[i] ?? [];
    const differing = vectors.find(({ before, after }, k) => {
      return (
        vectorHash(before) !== recorded[k]?.beforeSha256 || vectorHash(after) !== recorded[k]?.afterSha256
      );
    });
    if (differing && id < lowest) throw doesNotFit(id, differing.at); // nothing below it has changed
    return differing ? [{ id, vectors }] : [];
  });

  const edits = await measureChanged(context, changed, direction, overlay, current);
  const { standings, regressions } = await measureOthers(context, ids, next, overlay);
  const wouldRefuse = regressions.length > 0 && !allowRegressions;
  if (context.control.signal?.aborted) throw new InterruptedError();
  if (!dryRun && !wouldRefuse) {
    const probed = edits.map(({ id, probes }) => ({ id, probes }));
    const record = { status: direction, changed: probed, replayed: moved, standings: toRecord(standings) };
    await writing(context, () => store.restack(record, applied));
  }
  return {
    status: wouldRefuse && !dryRun ? 'refused' : direction,
    dryRun: dryRun || wouldRefuse,
    wouldRefuse,
    edits,
    replayed: moved.map(({ id }) => id).filter((id) => !ids.includes(id)),
    applied: next,
    isBase:
      next.length === 0 && [...base].every(([key, one]) => vectorHash(one) === hashOf(current.get(key))),
    standings: standings.filter(({ id }) => !ids.includes(id)),
    regressions,
  };
}

/** The edits that are taken back or put on again: their probes in both states, and their vectors. */
async function measureChanged(
  context: Context,
  changed: readonly EditDetail[],
  direction: 'reverted' | 'applied',
  overlay: Overlay,
  current: ReadonlyMap<string, Float32Array>,
): Promise<ChangedEdit[]> {
  const known = changed.flatMap(({ probes }) => probes.before);
  const probes = await encodeRecorded(context, known, 'the ledger');
  // A state that overflows can be left, and entered again with an edit below it: nothing of it is measured then.
  const was = await measureIfFinite(context, probes, { overlay: context.overlay });
  const is = await measureIfFinite(context, probes, { overlay });
  let start = 0;
  return changed.map((edit) => {
    const own = (measured: readonly ProbeResult[] = []) =>
      measured.slice(start, start + edit.probes.before.length);
    const [before, after] = [own(was), own(is)];
    start += edit.probes.before.length;
    const phase = direction === 'reverted' ? 'before' : 'after';
    const known = edit.probes[phase];
    const same = after.length > 0 && overlaysOf(edit)?.[phase] === overlay.id;
    return {
      id: edit.id,
      name: edit.name,
      was: before,
      probes: after,
      maxDifference: same ? largestDifference(after, known) : null,
      vectors: edit.vectors.map(({ at, beforeSha256, afterSha256 }) =>
        describe(at, current, direction === 'reverted' ? beforeSha256 : afterSha256),
      ),
    };
  });
}

/** How the other applied edits stand after the step, and what they lost by it. */
async function measureOthers(
  context: Context,
  ids: readonly number[],
  next: readonly number[],
  overlay: Overlay,
): Promise<{ standings: StandingEdit[]; regressions: Regression[] }> {
  const edits = inForce(readAppliedEdits(ledgerOf(context), next));
  const standings = await Standings.of(context, edits);
  const before = await standings.measure(context.overlay);
  const after = await standings.measure(overlay);
  const present = new Set(context.edits.map(({ id }) => id));
  const regressions = standings
    .losses(before, after, toleranceSchema.parse({}))
    .filter(({ edit }) => edit && present.has(edit.id) && !ids.includes(edit.id));
  return { standings: standings.judge(after), regressions };
}

const recorded = z.looseObject({ overlays: z.object({ before: z.string(), after: z.string() }) });

/** The overlays between which the edit was recorded; undefined for those of older versions. */
function overlaysOf({ outcome }: EditDetail): { before: string; after: string } | undefined {
  return recorded.safeParse(outcome).data?.overlays;
}

function largestDifference(measured: readonly ProbeResult[], known: readonly ProbeResult[]): number {
  return largest(
    measured.map(({ prob }, k) => Math.abs(prob - (known[k]?.prob ?? 0))),
    0,
  );
}

/** @throws ConflictError unless each applied edit found what the one below it left */
function checkLinks(
  chains: ReadonlyMap<number, readonly StoredVector[]>,
  applied: ReadonlySet<number>,
): void {
  const left = new Map<string, string>();
  for (const [id, vectors] of chains) {
    if (!applied.has(id)) continue;
    for (const { at, beforeSha256, afterSha256 } of vectors) {
      const key = neuronKey(at);
      if (left.has(key) && left.get(key) !== beforeSha256) throw doesNotFit(id, at);
      left.set(key, afterSha256);
    }
  }
}

function describe([layer, neuron]: NeuronId, current: ReadonlyMap<string, Float32Array>, known: string) {
  const sha256 = hashOf(current.get(neuronKey([layer, neuron])));
  return { layer, neuron, sha256, matches: sha256 === known };
}
