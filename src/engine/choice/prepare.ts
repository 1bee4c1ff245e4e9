// The engine that a choice comes to, made ready in this process.
import type { EngineChoice, EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { setCoreType } from '../backends/blas/load.js';
import { tryEngine } from '../backends/engines.js';
import type { EngineReport } from '../backends/report.js';
import { candidatesOf, notFound } from './candidates.js';
import { embeddedFor } from './embedded.js';

/**
 * Makes an engine the current tfjs backend and checks that it can multiply.
 * @param candidates engines to try, in this order
 * @param blas for `wasm+blas`; the first that serves unless given
 * @returns the engine that is in use now
 * @throws InputError when the engine asked for is not to be had
 */
export async function prepareEngine(
  choice: EngineChoice,
  candidates: readonly EngineName[] = candidatesOf(choice),
  blas?: BlasSetting,
): Promise<EngineReport> {
  const failures: EngineReport[] = [];
  for (const engine of candidates) {
    const report = await tryEngine(engine, blas);
    if (report.found) return report;
    failures.push(report);
  }
  throw notFound(choice, failures);
}

/**
 * The same for one engine, with the BLAS that is the fastest here. In the main thread alone: others have a copy of the
 * environment, in which OpenBLAS finds the kernels that it is to use.
 * @throws InputError when the engine is not to be had
 */
export async function prepareFastest(engine: EngineName): Promise<EngineReport> {
  const { blas } = await embeddedFor([engine]);
  if (blas) setCoreType(blas);
  return prepareEngine(engine, [engine], blas);
}
