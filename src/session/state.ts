// The state of the model: what the ledger's applied edits come to on this base.
import { ConflictError } from '../errors.js';
import type { StoredVector } from '../ledger/edits.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ModelInfo } from '../lm/model-info.js';
import { type NeuronId, NO_OVERLAY, neuronKey, type Overlay, vectorHash } from '../lm/overlay.js';
import { overlayOf } from '../surgery/replay.js';
import type { Context } from './context.js';

/** Value vectors [H] of some neurons under an overlay, by neuron key. */
export async function readVectors(
  context: Context,
  neurons: readonly NeuronId[],
  overlay: Overlay,
): Promise<Map<string, Float32Array>> {
  const all = await context.run('valueVectors', { neurons: [...neurons] }, overlay);
  const { hidden } = context.model;
  return new Map(neurons.map((at, i) => [neuronKey(at), all.slice(i * hidden, (i + 1) * hidden)]));
}

/** The applied edits of a ledger, in order, with the vectors that they left. */
export interface Stack {
  ids: number[];
  vectors: StoredVector[][];
  overlay: Overlay;
}

/** @throws ConflictError when an edit speaks of neurons or widths that the model does not have */
export function readStack(ledger: Ledger, model: ModelInfo): Stack {
  const { ids, vectors } = ledger.edits.stack();
  for (const [i, edit] of vectors.entries()) checkFit(edit, ids[i] ?? 0, model);
  return { ids, vectors, overlay: overlayOf(vectors) };
}

/** The vectors of one edit, checked against the model. @throws ConflictError when they cannot belong to it */
export function readEditVectors(ledger: Ledger, id: number, model: ModelInfo): StoredVector[] {
  const vectors = ledger.edits.vectors(id);
  checkFit(vectors, id, model);
  return vectors;
}

function checkFit(vectors: readonly StoredVector[], id: number, model: ModelInfo): void {
  for (const { at, change, before, after } of vectors) {
    const [layer, neuron] = at;
    const inside = layer >= 0 && layer < model.layers && neuron >= 0 && neuron < model.neurons;
    const lengths = [before, after, change.alongNorm, change.shift].map((one) => one?.length ?? model.hidden);
    if (!inside || lengths.some((length) => length !== model.hidden)) {
      throw new ConflictError(
        `the ledger is damaged: edit ${id} has a vector (layer ${layer}, neuron ${neuron}) that does not fit the model; ` +
          'restore it from a copy',
      );
    }
  }
}

/** Neurons that some edits touch, each once. */
export function touched(edits: readonly (readonly { at: NeuronId }[])[]): NeuronId[] {
  return [...new Map(edits.flat().map(({ at }) => [neuronKey(at), at])).values()];
}

/**
 * Checks that the stack stands on this base: each edit's vectors before are what the base or the edit below left.
 * @throws ConflictError that names the first edit that does not fit
 */
export async function verifyStack(base: Context, { ids, vectors }: Stack): Promise<void> {
  if (ids.length === 0) return;
  const current = await readVectors(base, touched(vectors), NO_OVERLAY);
  vectors.forEach((edit, i) => {
    for (const { at, before, after } of edit) {
      const found = current.get(neuronKey(at));
      if (!found || vectorHash(found) !== vectorHash(before)) {
        throw new ConflictError(
          `the ledger's edit ${ids[i]} does not fit the model below it (layer ${at[0]}, neuron ${at[1]}); ` +
            'restore the ledger from a copy',
        );
      }
      current.set(neuronKey(at), after);
    }
  });
}
