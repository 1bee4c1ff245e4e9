// How much memory a worker takes, and so how many of them a machine can hold.
import { BATCH_BYTES } from '../locate/budget.js';
import type { EngineName } from '../spec/choices.js';
import { isNative } from './tensorflow/packages.js';

/** A thread with its JavaScript heap, the engine's code, and what it needs beside weights and batches. */
const RUNTIME_BYTES = 150 * 2 ** 20;
/** What libtensorflow takes on top of that. */
const LIBRARY_BYTES = 500 * 2 ** 20;
/** Share of the available memory that is left to others. */
const RESERVE = 0.2;
/** Addresses have 32 bits there. */
const WEBASSEMBLY_BYTES = 2 ** 32;

/**
 * An estimate of what one worker takes at its peak.
 * @param weights what all of them take in F32, in bytes
 * @param engine undefined where it is not known yet: then the embedded one that takes most, because a native engine
 *   has one worker whatever that takes
 */
export function workerBytes(weights: number, engine: EngineName = 'wasm'): number {
  return RUNTIME_BYTES + (isNative(engine) ? LIBRARY_BYTES : 0) + tensorBytes(weights, engine);
}

/**
 * Whether an engine has addresses for weights of so many bytes, and for the work on them. Native engines and plain
 * JavaScript have enough for anything.
 */
export function canAddress(engine: EngineName, weights: number): boolean {
  // Twice what a batch takes: that memory grows in steps, and what is freed is not always in one piece.
  return !engine.startsWith('wasm') || tensorBytes(weights, engine) + BATCH_BYTES <= WEBASSEMBLY_BYTES;
}

/**
 * Plain wasm packs the matrices for its products, and so keeps them twice: those of all linear layers, and the
 * unembedding for the way back.
 */
function tensorBytes(weights: number, engine: EngineName): number {
  return weights * (engine === 'wasm' ? 2 : 1) + BATCH_BYTES;
}

/** How many workers of that size fit into the memory that is available now; none where it has less than one takes. */
export function workersThatFit(bytes: number): number {
  const available = process.availableMemory();
  if (bytes > available) return 0;
  return Math.max(1, Math.floor(((1 - RESERVE) * available) / bytes));
}
