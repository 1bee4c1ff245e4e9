// Value vectors as the ledger gives and takes them: plain data, for every face of the program.
import type { NeuronId } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { VectorChange } from '../surgery/replay.js';

/** A value vector of a stored edit, with its place in the localization and its hashes. */
export interface StoredVector extends VectorChange {
  share: number;
  meanScore: number;
  beforeSha256: string;
  afterSha256: string;
}

/** A value vector on its way into the ledger. */
export type VectorRecord = VectorChange & Pick<LocatedNeuron, 'share' | 'meanScore'>;

/** A neuron that applied edits touch: what the lowest of them found there, and what the topmost left. */
export interface TouchedNeuron {
  at: NeuronId;
  first: { edit: number; before: Float32Array };
  last: { edit: number; after: Float32Array };
}
