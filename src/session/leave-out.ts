// Leaving one neuron out of an edit: what that saves among the facts around it and what it costs, beside leaving out others.
import { ConflictError, InputError } from '../errors.js';
import { extendOverlay, type NeuronId, NO_OVERLAY, neuronKey, type Overlay } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import { effectOf } from '../probe/metrics.js';
import { isOwn, type ProbeResult } from '../probe/results.js';
import { draw, seeded } from '../random.js';
import type { EditFile } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import { replaced, replay } from '../surgery/replay.js';
import { evaluateEdit } from './apply.js';
import type { Context } from './context.js';
import { encodeGiven } from './edit-probes.js';
import { type EncodedProbe, encodeRecorded, measure } from './measure.js';
import { readEditVectors, readVectors } from './state.js';

/** An edit without one of its neurons; the others keep what it does to them. */
export interface LeftOut {
  /** Mean change of P(new) for a rewrite, and of P(object) otherwise, on the edit's target prompts. */
  effect: number;
  /** Answers among the facts around the edit that it changes with this neuron, and not without it. */
  saved: number;
  /** Those that it changes without this neuron only. */
  lost: number;
}

/** What a neuron does in an edit; the shape that scripts read. */
export interface LeaveOutResult extends LeftOut {
  edit: { id: number | null; name: string; operation: string; neurons: number };
  /** What the whole edit does: its effect, and how many answers of how many probes around it it changes. */
  whole: { effect: number; changed: number; of: number };
  /** Leaving out others of the edit's neurons in this layer, one at a time, drawn at random. */
  control: (LeftOut & { neuron: number })[];
}

/** An edit at hand: from a file, or of the ledger. */
export type EditAtHand = EditFile | number;

/** Others that are left out for comparison. */
const DRAWS = 5;

/** An edit as something that can be put on without some of its neurons. */
interface Removable extends Pick<LeaveOutResult, 'edit'> {
  neurons: NeuronId[];
  probes: readonly EncodedProbe[];
  /** The state of the model with the edit, without what it does to some neurons. */
  without(left: readonly NeuronId[]): Overlay;
}

/** @throws InputError when the edit does not change the neuron; ConflictError when the ledger has no such edit */
export async function leaveOut(
  context: Context,
  [layer, neuron]: NeuronId,
  edit: EditAtHand,
  settings: LocateSettings,
): Promise<LeaveOutResult> {
  const found = await (typeof edit === 'number' ? recorded(context, edit) : worked(context, edit, settings));
  const own: NeuronId = [ownerOf(context.model, layer), neuron];
  if (!found.neurons.some((at) => neuronKey(at) === neuronKey(own))) {
    const listed = found.neurons.slice(0, 8).map(neuronKey).join(', ');
    throw new InputError(
      `edit "${found.edit.name}": does not change neuron ${neuronKey(own)}; it changes ${listed}${found.neurons.length > 8 ? ', …' : ''}`,
    );
  }
  const others = found.neurons.filter(([at, index]) => at === own[0] && index !== own[1]);
  const drawn = draw(others, DRAWS, seeded(1));
  const ask = (left: readonly NeuronId[]) => measure(context, found.probes, { overlay: found.without(left) });
  const [before = [], whole = [], ...without] = await Promise.all(
    [found.neurons, [], [own], ...drawn.map((at) => [at])].map(ask),
  );
  const changed = changedAnswers(before, whole);
  const leftOut = without.map((after): LeftOut => {
    const now = changedAnswers(before, after);
    return {
      effect: effectOf(before, after),
      saved: [...changed].filter((i) => !now.has(i)).length,
      lost: [...now].filter((i) => !changed.has(i)).length,
    };
  });
  const [one = { effect: 0, saved: 0, lost: 0 }, ...control] = leftOut;
  return {
    ...one,
    edit: found.edit,
    whole: {
      effect: effectOf(before, whole),
      changed: changed.size,
      of: before.filter((probe) => !isOwn(probe)).length,
    },
    control: control.map((other, i) => ({ neuron: drawn[i]?.[1] ?? 0, ...other })),
  };
}

/** Numbers of the probes around the edit that have another top answer. */
function changedAnswers(before: readonly ProbeResult[], after: readonly ProbeResult[]): Set<number> {
  return new Set(
    before.flatMap((was, i) => (!isOwn(was) && was.top[0]?.id !== after[i]?.top[0]?.id ? [i] : [])),
  );
}

/** An edit that is worked out on the model in its present state. */
async function worked(context: Context, file: EditFile, settings: LocateSettings): Promise<Removable> {
  const encoded = await encodeGiven(context, file);
  const options = { dryRun: true, control: 'none' } as const;
  const { record } = await evaluateEdit(context, encoded, settings, options);
  const { rewrite } = encoded;
  return {
    edit: { id: null, name: record.name, operation: record.operation, neurons: record.vectors.length },
    neurons: record.vectors.map(({ at }) => at),
    probes: encoded.probes.map((probe) => (rewrite ? { ...probe, rewrite } : probe)),
    without(left) {
      const gone = new Set(left.map(neuronKey));
      const kept = record.vectors.filter(({ at }) => !gone.has(neuronKey(at)));
      return extendOverlay(
        context.overlay,
        kept.map(({ at, after: vector }) => ({ at, vector })),
      );
    },
  };
}

/** An edit of the ledger, in its place among those that are applied; a reverted one as if it were. */
async function recorded(context: Context, id: number): Promise<Removable> {
  const { ledger, applied, overlay, model } = context;
  if (!ledger) throw new ConflictError('there is no ledger yet; apply an edit first, or name a file');
  const { name, operation, probes } = ledger.edits.get(id);
  const neurons = readEditVectors(ledger, id, model).map(({ at }) => at);
  const chains = ledger.edits.chains(neurons, [...new Set([...applied, id])]);
  const base = await readVectors(context, neurons, NO_OVERLAY);
  return {
    edit: { id, name, operation, neurons: neurons.length },
    neurons,
    probes: await encodeRecorded(context, probes.before, 'the ledger'),
    without(left) {
      const gone = new Set(left.map(neuronKey));
      const edits = [...chains].map(([one, vectors]) =>
        one === id ? vectors.filter(({ at }) => !gone.has(neuronKey(at))) : vectors,
      );
      return replaced(overlay, neurons, replay(base, edits));
    },
  };
}
