// Tries an engine in a process of its own, so that nothing it does there can reach this one.
import { fork } from 'node:child_process';
import { z } from 'zod';
import { InterruptedError } from '../../errors.js';
import type { EngineName } from '../../spec/choices.js';
import type { EngineReport } from '../backends/report.js';
import { findPackage, isNative } from '../backends/tensorflow/packages.js';

/** Loading the library takes a second; on a cold disk, ten. */
const HANGS_MS = 60_000;

const reportSchema = z.object({ found: z.boolean(), detail: z.string(), gflops: z.number().optional() });

/**
 * What is found of an engine and how fast it is, even when it crashes.
 * @throws InterruptedError when the signal fires
 */
export async function tryApart(engine: EngineName, signal?: AbortSignal | undefined): Promise<EngineReport> {
  if (signal?.aborted) throw new InterruptedError();
  if (isNative(engine) && !findPackage(engine)) return { engine, found: false, detail: 'not installed' };
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./apart-process.js', import.meta.url), [engine], {
      stdio: 'ignore',
      timeout: HANGS_MS,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    const missing = (reason: string) => resolve({ engine, found: false, detail: reason });
    child.once('message', (message) => {
      const report = reportSchema.safeParse(message);
      if (report.success) resolve({ engine, ...report.data });
      child.kill('SIGKILL'); // it has said everything
    });
    child.once('error', (error) => {
      if (signal?.aborted) reject(new InterruptedError());
      else missing(error.message);
    });
    child.once('exit', (code, killed) => missing(`its process ended with ${killed ?? `exit code ${code}`}`));
  });
}
