// Which engine the workers are to use. Loads no tensor library: that is for the workers.
import { InputError } from '../errors.js';
import { ENGINES } from '../spec/choices.js';
import { tryApart } from './apart.js';
import type { EngineChoice, EngineName, EngineReport } from './engine.js';
import { isNative } from './tensorflow/packages.js';

/**
 * Chooses an engine for workers. A native one has to show in a process of its own that it works; an embedded one is
 * tried by the workers themselves.
 * @throws InputError when the engine asked for is not to be had; InterruptedError when the signal fires
 */
export async function chooseEngine(choice: EngineChoice, signal?: AbortSignal): Promise<EngineName> {
  const { engine } = await firstFound(choice, async (candidate) =>
    isNative(candidate) ? tryApart(candidate, signal) : { engine: candidate, found: true, detail: '' },
  );
  return engine;
}

/** The first engine of a choice with which the attempt succeeds. @throws InputError where it does with none */
export async function firstFound(
  choice: EngineChoice,
  attempt: (engine: EngineName) => Promise<EngineReport>,
): Promise<EngineReport> {
  const candidates = choice === 'auto' ? ENGINES.filter((name) => name !== 'cpu') : [choice];
  const failures: string[] = [];
  for (const engine of candidates) {
    const report = await attempt(engine);
    if (report.found) return report;
    failures.push(`${engine}: ${report.detail}`);
  }
  throw new InputError(`--engine ${choice}: not to be had (${failures.join('; ')}); try --engine wasm`);
}
