// Taking edits back: the remaining ones are replayed on the base, and everything is recorded in one step.
import { ConflictError } from '../errors.js';
import type { EditDetail } from '../ledger/edits.js';
import { type NeuronId, NO_OVERLAY, neuronKey, vectorHash } from '../lm/overlay.js';
import type { ProbeResult } from '../probe/results.js';
import { overlayOf, replay } from '../surgery/replay.js';
import type { Context } from './context.js';
import { encodeProbes, measure } from './measure.js';
import { readVectors, touched } from './state.js';

/** Which edits to take back. */
export type RevertChoice = { id: number } | 'last' | 'all';

/** What a revert left behind; the shape that scripts read. */
export interface RevertResult {
  reverted: {
    id: number;
    name: string;
    /** The edit's probes as it left them. */
    edited: ProbeResult[];
    /** The same probes, measured again. */
    probes: ProbeResult[];
    /** Largest difference of an expected answer's probability from what it was before the edit. */
    maxDifference: number;
    vectors: { layer: number; neuron: number; sha256: string; matchesBefore: boolean }[];
  }[];
  /** Later edits that touch the same neurons and were replayed without the reverted ones. */
  replayed: number[];
}

/**
 * Takes edits back.
 * @throws ConflictError when there is nothing to revert, or the edit is reverted already
 */
export async function revertEdits(context: Context, choice: RevertChoice): Promise<RevertResult> {
  const { ledger, applied } = context;
  if (!ledger) throw new ConflictError('there is no ledger yet, so there is nothing to revert');
  const chosen = chooseEdits(context, choice);
  const remaining = applied.filter((id) => !chosen.includes(id));
  const kept = remaining.map((id) => ledger.edits.vectors(id));
  const gone = chosen.map((id) => ledger.edits.get(id));

  const neurons = touched([...kept, ...gone.map(({ vectors }) => vectors)]);
  const base = await readVectors(context, neurons, NO_OVERLAY);
  const now = replay(base, kept);
  const overlay = overlayOf(now);
  const current = await readVectors(context, neurons, overlay);
  const replayed = remaining.flatMap((id, i) => {
    const moved = now[i]?.some(({ after }, k) => vectorHash(after) !== kept[i]?.[k]?.afterSha256);
    return moved ? [{ id, vectors: now[i] ?? [] }] : [];
  });

  const reverted: { id: number; probes: ProbeResult[] }[] = [];
  for (const edit of gone) {
    const probes = await measureAgain(context, edit, overlay);
    reverted.push({ id: edit.id, probes });
  }
  ledger.edits.revert(reverted, replayed, applied);
  return {
    reverted: gone.map((edit, i) => {
      const probes = reverted[i]?.probes ?? [];
      return {
        id: edit.id,
        name: edit.name,
        edited: edit.probes.after,
        probes,
        maxDifference: Math.max(
          0,
          ...probes.map((one, k) => Math.abs(one.prob - (edit.probes.before[k]?.prob ?? 0))),
        ),
        vectors: edit.vectors.map(({ at, beforeSha256 }) => describe(at, current, beforeSha256)),
      };
    }),
    replayed: replayed.map(({ id }) => id),
  };
}

/** Ids to revert, newest first. */
function chooseEdits({ ledger, applied }: Context, choice: RevertChoice): number[] {
  if (choice === 'all' || choice === 'last') {
    const last = applied.at(-1);
    if (last === undefined) throw new ConflictError('no edit is applied, so there is nothing to revert');
    return choice === 'last' ? [last] : [...applied].reverse();
  }
  const edit = ledger?.edits.get(choice.id);
  if (edit?.status === 'reverted') {
    throw new ConflictError(`edit ${choice.id}: is reverted already (at ${edit.revertedAt})`);
  }
  return [choice.id];
}

function describe([layer, neuron]: NeuronId, current: ReadonlyMap<string, Float32Array>, before: string) {
  const vector = current.get(neuronKey([layer, neuron]));
  const sha256 = vector ? vectorHash(vector) : '';
  return { layer, neuron, sha256, matchesBefore: sha256 === before };
}

/** The probes that were measured before the edit, in the model as it is without it. */
async function measureAgain(
  context: Context,
  edit: EditDetail,
  overlay: Context['overlay'],
): Promise<ProbeResult[]> {
  const { before } = edit.probes;
  const requests = before.map(({ role, prompt, expectId }, i) => {
    const field = `edit ${edit.id}, probe ${i}`;
    return { role, prompt, expect: { id: expectId }, field, expectField: field, named: true };
  });
  const probes = await encodeProbes(context, requests);
  const [{ newId: to, oldId: from } = {}] = before;
  const rewrite = to !== undefined && from !== undefined ? { from, to } : undefined;
  return measure(context, probes, { overlay, rewrite });
}
