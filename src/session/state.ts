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
import { replay } from '../surgery/replay.js';
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
 * and those that the topmost ones left come to what was recorded; those that are not stored are had by replay. What else
 * lies between is checked where it is replayed.
 * @param base the model without its edits
 * @throws ConflictError when the ledger does not fit the model, or itself
 */
export async function readStack(ledger: Ledger, base: Context): Promise<Stack> {
  const { ids, neurons, chains } = ledger.edits.stack();
  for (const { at, first, last } of neurons) {
    checkFit(at, [first.before, last.after], last.edit, base.model);
  }
  if (neurons.length === 0) return { ids, overlay: NO_OVERLAY };
  const found = await readVectors(
    base,
    neurons.map(({ at }) => at),
    NO_OVERLAY,
  );
  const replayed = new Map(
    replay(found, [...chains.values()])
      .flat()
      .map(({ at, after }) => [neuronKey(at), after]),
  );
  const left = neurons.flatMap(({ at, first, last }) => {
    const vector = last.after ?? replayed.get(neuronKey(at));
    if (hashOf(found.get(neuronKey(at))) !== first.sha256) throw doesNotFit(first.edit, at);
    if (!vector || hashOf(vector) !== last.sha256) throw doesNotFit(last.edit, at);
    // Edits that undo each other leave the base's own bytes: then it is the base, and its score maps are.
    return last.sha256 === first.sha256 ? [] : [{ at, vector }];
  });
  return { ids, overlay: extendOverlay(NO_OVERLAY, left) };
}

/** SHA-256 of a vector's bytes, in hex; empty for none. */
export function hashOf(vector: Float32Array | undefined): string {
  return vector ? vectorHash(vector) : '';
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
