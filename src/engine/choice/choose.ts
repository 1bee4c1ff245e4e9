// Which engines the workers are to try. Loads no tensor library: that is for the workers.
import type { FileBytes } from '../../lm/files.js';
import type { EngineChoice, EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { candidatesOf, notFound } from './candidates.js';
import { embeddedFor, knownEmbedded, ranked } from './embedded.js';
import { type SizedModel, tryNative } from './native.js';

/**
 * Weights, in bytes, below which `auto` leaves native engines alone: it takes a second to find and start one, and small
 * matrices keep no more than one core of theirs busy.
 */
export const WORTH_A_PROCESS = 100e6;

/** Whether `auto` leaves native engines alone: the model is small, or cannot be read. */
export function tooSmallForNative(weights: FileBytes | undefined): boolean {
  return (weights?.floats ?? 0) < WORTH_A_PROCESS;
}

/** What workers are to try. */
export interface Chosen {
  /** In this order. */
  candidates: EngineName[];
  /** What `wasm+blas` is to use; the first library that serves where it is undefined. */
  blas?: BlasSetting | undefined;
}

/**
 * The candidates for workers: a native engine alone, once it has shown in a process of its own that it works; otherwise
 * the embedded ones, the faster one first, which the workers try themselves. `auto` takes a native engine for a large
 * model, and where it multiplies faster than all workers together would. Nobody waits for a measurement with a small model.
 * @param workers that an embedded engine would have
 * @throws InputError when the engine asked for is not to be had; InterruptedError when the signal fires
 */
export async function chooseEngines(
  choice: EngineChoice,
  model: SizedModel,
  workers: number,
  signal?: AbortSignal,
): Promise<Chosen> {
  const small = choice === 'auto' && tooSmallForNative(model.weights);
  const allowed = candidatesOf(choice);
  const embedded = small ? knownEmbedded() : await embeddedFor(allowed, signal);
  const chosen = { candidates: ranked(allowed, embedded), blas: embedded.blas };
  if (small) return chosen;
  const { fastest, failures } = await tryNative(choice, model, signal);
  if (fastest) {
    const faster = (fastest.gflops ?? 0) > workers * embedded.gflops;
    return choice !== 'auto' || faster ? { candidates: [fastest.engine] } : chosen;
  }
  if (chosen.candidates.length > 0) return chosen;
  if (embedded.missing !== undefined)
    failures.push({ engine: 'wasm+blas', found: false, detail: embedded.missing });
  throw notFound(choice, failures);
}
