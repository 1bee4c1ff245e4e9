// Which engines the workers are to try. Loads no tensor library: that is for the workers.
import { InputError } from '../errors.js';
import { weightBytes } from '../lm/files.js';
import type { EngineChoice, EngineName } from '../spec/choices.js';
import { ENGINES } from '../spec/choices.js';
import { tryApart } from './apart.js';
import { beyondWebAssembly, canAddress, couldHold } from './memory.js';
import type { EngineReport } from './report.js';
import { isNative } from './tensorflow/packages.js';

/**
 * Weights, in bytes, below which `auto` leaves native engines alone: it takes a second to find and start one, and small
 * matrices keep no more than one core of theirs busy.
 */
export const WORTH_A_PROCESS = 100e6;

/** The engines that a choice allows, best first. */
export function candidatesOf(choice: EngineChoice): EngineName[] {
  return choice === 'auto' ? ENGINES.filter((name) => name !== 'cpu') : [choice];
}

/**
 * That none of a choice's engines was found, and why.
 * @param weights that they were to hold, in bytes
 */
export function notFound(choice: EngineChoice, reports: readonly EngineReport[], weights = 0): InputError {
  const reasons = reports.map(({ engine, detail }) => `${engine}: ${detail}`).join('; ');
  const other = reports.some(({ engine }) => engine === 'wasm') ? 'cpu' : 'wasm';
  const remedy = canAddress(other, weights) ? `--engine ${other}` : couldHold(weights);
  return new InputError(`--engine ${choice}: not to be had (${reasons}); try ${remedy}`);
}

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
