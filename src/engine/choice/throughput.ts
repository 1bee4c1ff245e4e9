// How fast this machine multiplies matrices, for estimates of time. Measured once per engine, in a process of its own.

import type { EngineChoice, EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import type { EngineReport } from '../backends/report.js';
import { isNative } from '../backends/tensorflow/packages.js';
import { tryApart } from './apart.js';
import { candidatesOf, notFound } from './candidates.js';
import { ranked, rankingFor } from './embedded.js';
import { canAddress } from './memory.js';

const known = new Map<EngineName, Promise<EngineReport>>();

/** An engine, and the floating point operations a second of one worker of it. */
export interface Throughput {
  engine: EngineName;
  flops: number;
}

/**
 * Of the engine that a choice comes to for weights of so many bytes; for `auto`, the first embedded one that is found, a
 * native one only where there is none that can address the weights.
 * @returns undefined where no engine that is found can address them
 * @throws InputError when the engine is not to be had
 */
export async function throughput(choice: EngineChoice, weights: number): Promise<Throughput | undefined> {
  const able = candidatesOf(choice).filter((engine) => canAddress(engine, weights));
  const ranking = await rankingFor(able);
  const failures: EngineReport[] = [];
  if (ranking.missing !== undefined)
    failures.push({ engine: 'wasm+blas', found: false, detail: ranking.missing });
  for (const engine of [...ranked(able, ranking), ...able.filter(isNative)]) {
    const report = await measured(engine, ranking.blas);
    if (report.found && report.gflops) return { engine, flops: 1e9 * report.gflops };
    failures.push(report);
  }
  if (able.length < candidatesOf(choice).length) return undefined;
  throw notFound(choice, failures, weights);
}

function measured(engine: EngineName, blas: BlasSetting | undefined): Promise<EngineReport> {
  const found = known.get(engine) ?? tryApart(engine, undefined, blas);
  known.set(engine, found);
  return found;
}
