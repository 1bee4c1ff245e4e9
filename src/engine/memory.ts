// How much memory a worker takes, and so how many of them a machine can hold.
import { weightBytes } from '../lm/files.js';
import { BATCH_BYTES } from '../locate/budget.js';
import type { EngineName } from './engine.js';

/** A thread with its JavaScript heap, the engine's code, and what it needs beside weights and batches. */
const RUNTIME_BYTES = 150 * 2 ** 20;
/** Share of the available memory that is left to others. */
const RESERVE = 0.2;

/**
 * An estimate of what one worker takes at its peak, from the headers of the checkpoint. Plain wasm keeps every matrix
 * twice: the second time packed for its products.
 * @param engine undefined where it is not known yet: then the one that takes most
 * @throws InputError when there is no checkpoint to be read
 */
export function workerBytes(directory: string, engine?: EngineName): number {
  const packs = engine === undefined || engine === 'wasm';
  return RUNTIME_BYTES + BATCH_BYTES + weightBytes(directory) * (packs ? 2 : 1);
}

/** How many workers of that size fit into the memory that is available now; at least one. */
export function workersThatFit(bytes: number): number {
  return Math.max(1, Math.floor(((1 - RESERVE) * process.availableMemory()) / bytes));
}
