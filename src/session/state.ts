// The state of the model: what the ledger's applied edits come to on this base.
import { ConflictError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StoredVector } from '../ledger/records.js';
import type { ModelInfo } from '../lm/model-info.js';
import {
  extendOverlay,
  type NeuronId,
  NO_OVERLAY,
  neuronKey,
  type Overlay,
  vectorHash,
} from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
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

/** The applied edits of a ledger, in order, and what they come to. */
export interface Stack {
  ids: number[];
  overlay: Overlay;
}

/**
 * Reads the applied edits, and checks both ends of what they do: the vectors that the lowest ones found are the base's,
 * and those that the topmost ones left come to what was recorded. What lies between is checked where it is replayed.
 * @param base the model without its edits
 * @throws ConflictError when the ledger does not fit the model, or itself
 */
export async function readStack(ledger: Ledger, base: Context): Promise<Stack> {
  const { ids, neurons, overlay: recorded } = ledger.edits.stack();
  for (const { at, first, last } of neurons) {
    checkFit(at, [first.before, last.after], last.edit, base.model);
  }
  const overlay = extendOverlay(
    NO_OVERLAY,
    neurons.map(({ at, last }) => ({ at, vector: last.after })),
  );
  if (overlay.id !== (recorded ?? NO_OVERLAY.id)) {
    throw new ConflictError(
      'the ledger is damaged: its applied edits do not come to what was recorded of them; restore it from a copy',
    );
  }
  if (neurons.length === 0) return { ids, overlay };
  const found = await readVectors(
    base,
    neurons.map(({ at }) => at),
    NO_OVERLAY,
  );
  for (const { at, first } of neurons) {
    const vector = found.get(neuronKey(at));
    if (!vector || vectorHash(vector) !== vectorHash(first.before)) throw doesNotFit(first.edit, at);
  }
  return { ids, overlay };
}

/** The vectors that an edit found are not what lies below it. */
export function doesNotFit(id: number, [layer, neuron]: NeuronId): ConflictError {
  return new ConflictError(
    `the ledger's edit ${id} does not fit the model below it (layer ${layer}, neuron ${neuron}); ` +
      'restore the ledger from a copy',
  );
}

/** The vectors of one edit, checked against the model. @throws ConflictError when they cannot belong to it */
export function readEditVectors(ledger: Ledger, id: number, model: ModelInfo): StoredVector[] {
  const vectors = ledger.edits.vectors(id);
  checkEdit(vectors, id, model);
  return vectors;
}

/** @throws ConflictError when the vectors of an edit cannot belong to the model */
export function checkEdit(vectors: readonly StoredVector[], id: number, model: ModelInfo): void {
  for (const { at, change, before, after } of vectors) {
    checkFit(at, [before, after, change.alongNorm, change.shift], id, model);
  }
}

function checkFit(
  [layer, neuron]: NeuronId,
  vectors: readonly (Float32Array | undefined)[],
  id: number,
  model: ModelInfo,
): void {
  const { layers, neurons, hidden } = model;
  const inside =
    ownerOf(model, layer) === layer && layer >= 0 && layer < layers && neuron >= 0 && neuron < neurons;
  if (inside && vectors.every((one) => one === undefined || one.length === hidden)) return;
  throw new ConflictError(
    `the ledger is damaged: edit ${id} has a vector (layer ${layer}, neuron ${neuron}) that does not fit the model; ` +
      'restore it from a copy',
  );
}

/** Neurons that some edits touch, each once. */
export function touched(edits: readonly (readonly { at: NeuronId }[])[]): NeuronId[] {
  return [...new Map(edits.flat().map(({ at }) => [neuronKey(at), at])).values()];
}
