// How much memory a worker takes, and so how many of them a machine can hold.
import { BATCH_BYTES } from '../../locate/budget.js';
import type { EngineName } from '../../spec/choices.js';
import { isNative } from '../backends/tensorflow/packages.js';

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
 * Engines that could hold weights of so many bytes where plain wasm cannot, and what they need.
 * @param noBlas why there is no BLAS, where that is known
 */
export function couldHold(weights: number, noBlas?: string): string {
  const found = noBlas === undefined ? '' : ` (${noBlas})`;
  const blas = canAddress('wasm+blas', weights)
    ? `--engine wasm+blas with a BLAS of the system${found}, or `
    : '';
  return `${blas}--engine tensorflow (npm run engine:tensorflow installs it)`;
}

/** That weights of so many bytes are too much for the embedded engines, and what could hold them. */
export function beyondWebAssembly(weights: number, noBlas?: string): string {
  const twice = canAddress('wasm+blas', weights) ? ', and plain wasm keeps them twice' : '';
  return (
    `its weights take ${(weights / 1e9).toFixed(1)} GB in F32${twice}, which exceeds the 4 GB that WebAssembly can ` +
    `address; try ${couldHold(weights, noBlas)}`
  );
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
