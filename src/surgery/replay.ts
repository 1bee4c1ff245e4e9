// The model's state is its base plus the applied edits, in order: what that comes to, vector by vector.
import {
  extendOverlay,
  type NeuronId,
  NO_OVERLAY,
  neuronKey,
  type Overlay,
  withoutNeurons,
} from '../lm/overlay.js';
import { applyChange, type Change } from './change.js';

/** What one edit does to one neuron. */
export interface NeuronChange {
  at: NeuronId;
  change: Change;
}

/** A changed value vector, before and after one edit [H]. */
export interface VectorChange extends NeuronChange {
  before: Float32Array;
  after: Float32Array;
}

/**
 * Replays edits on the base, in the order given.
 * @param base the base's value vector of every neuron that an edit touches, by neuron key
 * @param edits what each edit does
 * @returns per edit, its vectors before and after; the same input always gives the same bytes
 */
export function replay(
  base: ReadonlyMap<string, Float32Array>,
  edits: readonly (readonly NeuronChange[])[],
): VectorChange[][] {
  const current = new Map(base);
  return edits.map((changes) =>
    changes.map(({ at, change }) => {
      const before = current.get(neuronKey(at));
      if (!before) throw new RangeError(`no base vector of neuron ${neuronKey(at)}`);
      const after = applyChange(before, change);
      current.set(neuronKey(at), after);
      return { at, change, before, after };
    }),
  );
}

/** The overlay that a stack of replayed edits leaves: the last word on each neuron. */
export function overlayOf(edits: readonly (readonly Pick<VectorChange, 'at' | 'after'>[])[]): Overlay {
  return replaced(NO_OVERLAY, [], edits);
}

/**
 * The overlay when all that is done to some neurons is replayed anew, and every other neuron stays as it is.
 * @param edits the replayed edits, as far as they touch these neurons
 */
export function replaced(
  overlay: Overlay,
  neurons: readonly NeuronId[],
  edits: readonly (readonly Pick<VectorChange, 'at' | 'after'>[])[],
): Overlay {
  return extendOverlay(
    withoutNeurons(overlay, neurons),
    edits.flat().map(({ at, after }) => ({ at, vector: after })),
  );
}
