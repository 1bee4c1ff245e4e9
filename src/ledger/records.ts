// Value vectors and prompts as the ledger gives and takes them: plain data, for every face of the program.
import type { Neuron, NeuronId } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { NeuronChange, VectorChange } from '../surgery/replay.js';

/**
 * A value vector of a stored edit, with its place in the localization and its hashes. A change of rank one is stored as its
 * factors, without what it found and left [H]: those are had by replay on the base, and told by their hashes.
 */
export interface StoredVector extends NeuronChange {
  before: Float32Array | undefined;
  after: Float32Array | undefined;
  share: number;
  meanScore: number;
  beforeSha256: string;
  afterSha256: string;
}

/** A value vector on its way into the ledger. */
export type VectorRecord = VectorChange & Pick<LocatedNeuron, 'share' | 'meanScore'>;

/** A neuron that applied edits touch: what the lowest of them found there, and what the topmost left, as far as that is stored. */
export interface TouchedNeuron {
  at: NeuronId;
  first: { edit: number; before: Float32Array | undefined; sha256: string };
  last: { edit: number; after: Float32Array | undefined; sha256: string };
}

/** A prompt that a fact was located by. */
export interface RecordedPrompt {
  prompt: string;
  /** P(object) then. */
  prob: number;
  coarse: Neuron[];
}
