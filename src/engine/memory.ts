// How much memory a worker takes, and so how many of them a machine can hold.
import { weightBytes } from '../lm/files.js';
import { BATCH_BYTES } from '../locate/budget.js';
import type { EngineName } from '../spec/choices.js';
import { isNative } from './tensorflow/packages.js';

/** A thread with its JavaScript heap, the engine's code, and what it needs beside weights and batches. */
const RUNTIME_BYTES = 150 * 2 ** 20;
/** What libtensorflow takes on top of that. */
const LIBRARY_BYTES = 500 * 2 ** 20;
/** Share of the available memory that is left to others. */
const RESERVE = 0.2;

/**
 * An estimate of what one worker takes at its peak, from the headers of the checkpoint. Plain wasm packs every matrix for
 * its products, and so keeps it twice.
 * @param engine undefined where it is not known yet: then the embedded one that takes most, because a native engine
 *   has one worker whatever that takes
 * @throws InputError when there is no checkpoint to be read
 */
export function workerBytes(directory: string, engine?: EngineName): number {
  const native = engine !== undefined && isNative(engine);
  const copies = engine === undefined || engine === 'wasm' ? 2 : 1;
  return RUNTIME_BYTES + (native ? LIBRARY_BYTES : 0) + BATCH_BYTES + weightBytes(directory) * copies;
}

/** How many workers of that size fit into the memory that is available now; at least one. */
export function workersThatFit(bytes: number): number {
  return Math.max(1, Math.floor(((1 - RESERVE) * process.availableMemory()) / bytes));
}
