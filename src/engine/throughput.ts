// How fast this machine multiplies matrices, for estimates of time. Measured once per choice, in a process of its own.

import type { EngineChoice } from '../spec/choices.js';
import { tryApart } from './apart.js';
import { candidatesOf, notFound } from './choose.js';
import type { EngineReport } from './report.js';
import { isNative } from './tensorflow/packages.js';

const known = new Map<EngineChoice, Promise<number>>();

/**
 * Floating point operations a second of one worker; for `auto`, of the first embedded engine that is found.
 * @throws InputError when the engine is not to be had
 */
export function throughput(choice: EngineChoice): Promise<number> {
  const found = known.get(choice) ?? measure(choice);
  known.set(choice, found);
  return found;
}

async function measure(choice: EngineChoice): Promise<number> {
  const failures: EngineReport[] = [];
  for (const engine of candidatesOf(choice).filter((one) => choice !== 'auto' || !isNative(one))) {
    const report = await tryApart(engine);
    if (report.found && report.gflops) return 1e9 * report.gflops;
    failures.push(report);
  }
  throw notFound(choice, failures);
}
