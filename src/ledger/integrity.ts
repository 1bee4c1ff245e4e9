// SQLite's own checks of a file. They take a second per hundred megabytes and cannot be interrupted, so they run in a
// process of their own, which can be ended.
import { fork } from 'node:child_process';
import { z } from 'zod';
import { InterruptedError } from '../errors.js';

const complaintsSchema = z.array(z.string());

/**
 * Complaints of SQLite's integrity and foreign key checks; empty when the file is sound.
 * @throws InterruptedError when the signal fires
 */
export async function checkIntegrity(path: string, signal?: AbortSignal | undefined): Promise<string[]> {
  if (signal?.aborted) throw new InterruptedError();
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./integrity-process.js', import.meta.url), [path], {
      stdio: 'ignore',
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    child.once('message', (message) => resolve(complaintsSchema.parseAsync(message)));
    child.once('error', (error) => reject(signal?.aborted ? new InterruptedError() : error));
    child.once('exit', (code, killed) => {
      reject(new Error(`${path}: the process that checks it ended with ${killed ?? `exit code ${code}`}`));
    });
  });
}
