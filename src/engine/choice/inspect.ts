// What `kn-edit doctor` tells of engines.
import { InterruptedError } from '../../errors.js';
import { ENGINES } from '../../spec/choices.js';
import type { EngineReport } from '../backends/report.js';
import { isNative } from '../backends/tensorflow/packages.js';
import { tryApart } from './apart.js';
import { measureEngine } from './measure.js';

/** Every engine, how fast it is or why it was not found. Leaves the last one found here as the backend. @throws InterruptedError when the signal fires */
export async function inspectEngines(signal?: AbortSignal): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const engine of ENGINES) {
    if (signal?.aborted) throw new InterruptedError();
    reports.push(isNative(engine) ? await tryApart(engine, signal) : await measureEngine(engine));
  }
  return reports;
}
