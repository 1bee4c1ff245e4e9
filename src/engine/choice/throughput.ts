// How fast this machine multiplies matrices, for estimates of time: what is kept of an engine, or a measurement in a process
// of its own.
import type { EngineChoice, EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { tryApart } from './apart.js';
import { candidatesOf, leavesAlone, notFound } from './candidates.js';
import { embeddedFor, knownReport, ranked } from './embedded.js';

const known = new Map<EngineName, EngineReport | Promise<EngineReport>>();

/** An engine, and the floating point operations a second of one worker of it. */
export interface Throughput {
  engine: EngineName;
  flops: number;
}

/**
 * Of the engine that a choice comes to; for `auto`, the first embedded one that is found.
 * @throws InputError when the engine is not to be had
 */
export async function throughput(choice: EngineChoice): Promise<Throughput> {
  const candidates = candidatesOf(choice);
  const embedded = await embeddedFor(candidates);
  const failures: EngineReport[] = [];
  if (embedded.missing !== undefined) {
    failures.push({ engine: 'wasm+blas', found: false, detail: embedded.missing });
  }
  const ordered = ranked(candidates, embedded);
  for (const engine of choice === 'auto' ? ordered : [...ordered, ...candidates.filter(isNative)]) {
    const report = await measured(engine, embedded.blas);
    if (report.found && report.gflops && !leavesAlone(choice, report))
      return { engine, flops: 1e9 * report.gflops };
    failures.push(report);
  }
  throw notFound(choice, failures);
}

async function measured(engine: EngineName, blas: BlasSetting | undefined): Promise<EngineReport> {
  const found = known.get(engine) ?? knownReport(engine) ?? tryApart(engine, undefined, blas);
  known.set(engine, found);
  return found;
}
