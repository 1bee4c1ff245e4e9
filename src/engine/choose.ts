// Which engines the workers are to try. Loads no tensor library: that is for the workers.
import { InputError } from '../errors.js';
import { ENGINES } from '../spec/choices.js';
import { tryApart } from './apart.js';
import type { EngineChoice, EngineName, EngineReport } from './engine.js';
import { isNative } from './tensorflow/packages.js';

/** The engines that a choice allows, best first. */
export function candidatesOf(choice: EngineChoice): EngineName[] {
  return choice === 'auto' ? ENGINES.filter((name) => name !== 'cpu') : [choice];
}

/** That none of a choice's engines was found, and why. */
export function notFound(choice: EngineChoice, reports: readonly EngineReport[]): InputError {
  const reasons = reports.map(({ engine, detail }) => `${engine}: ${detail}`).join('; ');
  return new InputError(`--engine ${choice}: not to be had (${reasons}); try --engine wasm`);
}

/**
 * The candidates for workers: a native engine alone, once it has shown in a process of its own that it works; otherwise
 * the embedded ones, which the workers try themselves.
 * @throws InputError when the engine asked for is not to be had; InterruptedError when the signal fires
 */
export async function chooseEngines(choice: EngineChoice, signal?: AbortSignal): Promise<EngineName[]> {
  const candidates = candidatesOf(choice);
  const failures: EngineReport[] = [];
  for (const engine of candidates.filter(isNative)) {
    const report = await tryApart(engine, signal);
    if (report.found) return [engine];
    failures.push(report);
  }
  const embedded = candidates.filter((engine) => !isNative(engine));
  if (embedded.length === 0) throw notFound(choice, failures);
  return embedded;
}
