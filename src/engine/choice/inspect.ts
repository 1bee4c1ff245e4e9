// What `kn-edit doctor` tells of engines.
import { InterruptedError } from '../../errors.js';
import { ENGINES, type EngineName } from '../../spec/choices.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { tryApart } from './apart.js';
import { type Embedded, type MeasuredBlas, measuredEmbedded, rank } from './embedded.js';
import { measureEngine } from './measure.js';

export interface Inspection {
  /** Every engine, how fast it is or why it was not found. */
  engines: EngineReport[];
  /** Every BLAS that is here, with each of the kernels that came into question. */
  blas: MeasuredBlas[];
  embedded: Embedded;
}

/**
 * Measures everything that nobody has measured yet. The last engine found here stays the backend of this process.
 * @throws InterruptedError when the signal fires
 */
export async function inspectEngines(signal?: AbortSignal): Promise<Inspection> {
  const measured = await measuredEmbedded(signal);
  const embedded = rank(measured);
  const inspect = async (engine: EngineName): Promise<EngineReport> => {
    if (signal?.aborted) throw new InterruptedError();
    const known = measured.engines.find((one) => one.engine === engine);
    return known ?? (isNative(engine) ? tryApart(engine, signal) : measureEngine(engine));
  };
  const engines: EngineReport[] = [];
  for (const engine of ENGINES) engines.push(await inspect(engine));
  return { engines, blas: measured.blas, embedded };
}
