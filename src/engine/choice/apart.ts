// Tries an engine or a BLAS in a process of its own, so that nothing it does there can reach this one.
import { fork } from 'node:child_process';
import { z } from 'zod';
import { InterruptedError } from '../../errors.js';
import type { EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { findPackage, isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';

/** Loading the library takes a second; on a cold disk, ten. */
const HANGS_MS = 60_000;

const report = z.object({ found: z.boolean(), detail: z.string(), gflops: z.number().optional() });

export const engineReport = report.extend({
  largestMatrixBytes: z.number().optional(),
  emulated: z.boolean().optional(),
});

/** What a BLAS is and how fast it multiplies, or why it does not serve. */
export const blasReport = report.extend({
  version: z.string().optional(),
  kernels: z.string().optional(),
});
export type BlasReport = z.infer<typeof blasReport>;

/**
 * What is found of an engine and how fast it is, even when it crashes.
 * @param blas for `wasm+blas`; the first that is found unless given
 * @throws InterruptedError when the signal fires
 */
export async function tryApart(
  engine: EngineName,
  signal?: AbortSignal | undefined,
  blas?: BlasSetting | undefined,
): Promise<EngineReport> {
  if (signal?.aborted) throw new InterruptedError();
  if (isNative(engine) && !findPackage(engine)) return { engine, found: false, detail: 'not installed' };
  return { engine, ...(await askProcess('apart-process.js', engineReport, [engine], blas, signal)) };
}

/** What is found of a BLAS with some kernels, even when they crash. @throws InterruptedError when the signal fires */
export function tryBlasApart(blas: BlasSetting, signal?: AbortSignal | undefined): Promise<BlasReport> {
  return askProcess('apart-blas.js', blasReport, [], blas, signal);
}

/** The one message of a process, which is told of the BLAS by its last argument and its environment. */
function askProcess<T extends { found: boolean; detail: string }>(
  script: string,
  schema: z.ZodType<T>,
  args: readonly string[],
  blas: BlasSetting | undefined,
  signal: AbortSignal | undefined,
): Promise<T | { found: false; detail: string }> {
  if (signal?.aborted) throw new InterruptedError();
  return new Promise((resolve, reject) => {
    const child = fork(new URL(script, import.meta.url), [...args, ...(blas ? [JSON.stringify(blas)] : [])], {
      stdio: 'ignore',
      timeout: HANGS_MS,
      killSignal: 'SIGKILL',
      env: blas ? { ...process.env, OPENBLAS_CORETYPE: blas.coreType ?? undefined } : process.env,
      ...(signal && { signal }),
    });
    const missing = (reason: string) => resolve({ found: false, detail: reason });
    child.once('message', (message) => {
      const report = schema.safeParse(message);
      if (report.success) resolve(report.data);
      child.kill('SIGKILL'); // it has said everything
    });
    child.once('error', (error) => {
      if (signal?.aborted) reject(new InterruptedError());
      else missing(error.message);
    });
    child.once('exit', (code, killed) => missing(`its process ended with ${killed ?? `exit code ${code}`}`));
  });
}
