// Changing which edits are applied: taking them back or putting them on again. The applied edits are replayed on the
// base in the order of their ids, and everything is recorded in one step.
import { ConflictError } from '../errors.js';
import type { EditDetail, Restacked } from '../ledger/edits.js';
import type { StoredVector } from '../ledger/records.js';
import { type NeuronId, NO_OVERLAY, neuronKey, type Overlay, vectorHash } from '../lm/overlay.js';
import { largest } from '../numbers.js';
import { answerTokens, type ProbeResult } from '../probe/results.js';
import { replaced, replay } from '../surgery/replay.js';
import type { Context } from './context.js';
import { type EncodedProbe, encodeProbes, type Measuring, measure } from './measure.js';
import { doesNotFit, readEditVectors, readVectors, touched } from './state.js';

/** Which edits to take back. */
export type RevertChoice = { id: number } | { ids: readonly number[] } | 'last' | 'all';

/** One edit that was taken back or put on again; the shape that scripts read. */
export interface ChangedEdit {
  id: number;
  name: string;
  /** The edit's probes as they were in the other state: after the edit for a revert, before it for a redo. */
  was: ProbeResult[];
  /** The same probes, measured now. */
  probes: ProbeResult[];
  /** Largest difference of a probability from the recorded one of this state. */
  maxDifference: number;
  /** Its value vectors now, and whether they are, byte for byte, what was recorded of this state. */
  vectors: { layer: number; neuron: number; sha256: string; matches: boolean }[];
}

export interface RestackResult {
  status: 'reverted' | 'applied';
  /** True when nothing was changed. */
  dryRun: boolean;
  edits: ChangedEdit[];
  /** Other applied edits that touch the same neurons and came out otherwise when they were replayed. */
  replayed: number[];
}

/**
 * Takes edits back, all that are named or none, the newest first.
 * @throws ConflictError when there is nothing to revert, or the edit is reverted already
 */
export async function revertEdits(
  context: Context,
  choice: RevertChoice,
  dryRun: boolean,
): Promise<RestackResult> {
  const { applied } = context;
  if (typeof choice === 'object') {
    const ids = 'id' in choice ? [choice.id] : [...new Set(choice.ids)].sort((a, b) => b - a);
    for (const id of ids) {
      const { status, revertedAt } = ledgerOf(context).edits.get(id);
      if (status === 'reverted')
        throw new ConflictError(`edit ${id}: is reverted already (at ${revertedAt})`);
    }
    return restack(context, ids, 'reverted', dryRun);
  }
  const last = applied.at(-1);
  ledgerOf(context);
  if (last === undefined) throw new ConflictError('no edit is applied, so there is nothing to revert');
  return restack(context, choice === 'last' ? [last] : [...applied].reverse(), 'reverted', dryRun);
}

/**
 * Puts a reverted edit on again, in its old place in the order.
 * @throws ConflictError when it is applied already
 */
export async function redoEdit(context: Context, id: number, dryRun: boolean): Promise<RestackResult> {
  const { status } = ledgerOf(context).edits.get(id);
  if (status === 'applied') throw new ConflictError(`edit ${id}: is applied already`);
  return restack(context, [id], 'applied', dryRun);
}

function ledgerOf({ ledger }: Context) {
  if (!ledger) throw new ConflictError('there is no ledger yet; apply an edit first');
  return ledger;
}

async function restack(
  context: Context,
  ids: readonly number[],
  status: RestackResult['status'],
  dryRun: boolean,
): Promise<RestackResult> {
  const ledger = ledgerOf(context);
  if (!dryRun) ledger.expectWritable();
  const { edits: store } = ledger;
  const { applied, model } = context;
  const next =
    status === 'reverted'
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
  const lowest = ids.reduce((least, id) => Math.min(least, id), Number.POSITIVE_INFINITY);
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

  const edits: ChangedEdit[] = [];
  for (const edit of changed) {
    const probes = await measureAgain(context, edit, overlay);
    const known = status === 'reverted' ? edit.probes.before : edit.probes.after;
    edits.push({
      id: edit.id,
      name: edit.name,
      was: status === 'reverted' ? edit.probes.after : edit.probes.before,
      probes,
      maxDifference: largest(probes.map(({ prob }, k) => Math.abs(prob - (known[k]?.prob ?? 0)))) ?? 0,
      vectors: edit.vectors.map(({ at, beforeSha256, afterSha256 }) =>
        describe(at, current, status === 'reverted' ? beforeSha256 : afterSha256),
      ),
    });
  }
  const record: Restacked = {
    status,
    changed: edits.map(({ id, probes }) => ({ id, probes })),
    replayed: moved,
  };
  if (!dryRun) store.restack(record, applied);
  const replayed = moved.map(({ id }) => id).filter((id) => !ids.includes(id));
  return { status, dryRun, edits, replayed };
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
  const vector = current.get(neuronKey([layer, neuron]));
  const sha256 = vector ? vectorHash(vector) : '';
  return { layer, neuron, sha256, matches: sha256 === known };
}

/** The probes of an edit, measured in another state. */
async function measureAgain(context: Context, edit: EditDetail, overlay: Overlay): Promise<ProbeResult[]> {
  const { before } = edit.probes;
  const requests = before.map(({ role, prompt, expectId, expectIds }, i) => {
    const field = `edit ${edit.id}, probe ${i}`;
    const expect = { ids: answerTokens(expectId, expectIds) };
    return { role, prompt, expect, field, expectField: field, named: true };
  });
  const probes = await encodeProbes(context, requests);
  return measure(context, probes, { overlay, rewrite: await rewriteOf(context, edit, probes) });
}

/** The answers of a rewrite as they were recorded, in both of their forms; undefined for other operations. */
async function rewriteOf(
  context: Context,
  { id, probes: { before } }: EditDetail,
  probes: readonly EncodedProbe[],
): Promise<Measuring['rewrite']> {
  if (before[0]?.newId === undefined) return undefined;
  const targets = [true, false].flatMap((spaced) => {
    const recorded = before.find((_, i) => probes[i]?.prompt.spaced === spaced) ?? before[0];
    const { newId = 0, newIds, oldId = 0, oldIds } = recorded ?? {};
    return [answerTokens(newId, newIds), answerTokens(oldId, oldIds)];
  });
  const encoded = await context.run('encode', {
    prompts: [],
    targets: targets.map((ids) => ({ field: `edit ${id}`, value: { ids } })),
  });
  const [to, from, bareTo, bareFrom] = encoded.targets;
  if (!to || !from || !bareTo || !bareFrom) throw new Error('the answers were not encoded');
  return { to: { ...to, bare: bareTo.bare }, from: { ...from, bare: bareFrom.bare } };
}
