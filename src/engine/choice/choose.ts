// Which engines the workers are to try. Loads no tensor library: that is for the workers.
import { InputError } from '../../errors.js';
import { weightBytes } from '../../lm/files.js';
import type { EngineChoice, EngineName } from '../../spec/choices.js';
import type { EngineReport } from '../backends/report.js';
import { isNative } from '../backends/tensorflow/packages.js';
import { tryApart } from './apart.js';
import { candidatesOf, notFound } from './candidates.js';
import { beyondWebAssembly, canAddress } from './memory.js';

/**
 * Weights, in bytes, below which `auto` leaves native engines alone: it takes a second to find and start one, and small
 * matrices keep no more than one core of theirs busy.
 */
export const WORTH_A_PROCESS = 100e6;

/** Whether `auto` leaves native engines alone: the model is small, or there is none (which is the worker's to say). */
export function tooSmallForNative(model: string): boolean {
  return sizeOf(model) < WORTH_A_PROCESS;
}

function sizeOf(model: string): number {
  try {
    return weightBytes(model);
  } catch {
    return 0;
  }
}

/**
 * The candidates for workers: a native engine alone, once it has shown in a process of its own that it works; otherwise
 * the embedded ones, which the workers try themselves. `auto` takes a native engine for a large model, and where it
 * multiplies faster than all workers together would with the system's BLAS, or where the embedded ones cannot address
 * the weights.
 * @param model its directory, or its GGUF file
 * @param workers that an embedded engine would have
 * @throws InputError when the engine asked for is not to be had, or cannot hold the model; InterruptedError when the signal fires
 */
export async function chooseEngines(
  choice: EngineChoice,
  model: string,
  workers: number,
  signal?: AbortSignal,
): Promise<EngineName[]> {
  const candidates = candidatesOf(choice);
  const weights = sizeOf(model);
  const embedded = candidates.filter((engine) => !isNative(engine) && canAddress(engine, weights));
  if (choice === 'auto' && weights < WORTH_A_PROCESS) return embedded;
  const failures: EngineReport[] = [];
  for (const engine of candidates.filter(isNative)) {
    const report = await tryApart(engine, signal);
    if (report.found && (choice !== 'auto' || embedded.length === 0)) return [engine];
    if (report.found) {
      const rival = await tryApart('wasm+blas', signal);
      return speedOf(report) > workers * speedOf(rival) ? [engine] : embedded;
    }
    failures.push(report);
  }
  // Plain wasm is always there. Where it cannot address the weights, everything hangs on a BLAS.
  const needed = embedded[0] === 'wasm+blas' && !canAddress('wasm', weights);
  const blas = needed ? await tryApart('wasm+blas', signal) : undefined;
  if (embedded.length > 0 && blas?.found !== false) return embedded;
  if (candidates.every(isNative)) throw notFound(choice, failures, weights);
  throw new InputError(`${model}: ${beyondWebAssembly(weights, blas?.detail)}`); // before gigabytes are read
}

function speedOf({ gflops }: EngineReport): number {
  return gflops ?? 0;
}
