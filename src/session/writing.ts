// Writing to the ledger while other programs may be writing to it, too.
import { setTimeout } from 'node:timers/promises';
import { InterruptedError } from '../errors.js';
import { isBusy } from '../ledger/sqlite-errors.js';
import type { Context } from './context.js';

/** How long a writer waits for another one. */
const PATIENCE_MS = 5000;
const RETRY_MS = 50;

/**
 * Does work that writes to the ledger. While another program is writing, it is tried again and again; meanwhile a screen
 * can be drawn, and the user can stop it.
 * @throws what `work` throws; SQLite's error when the other program does not end
 */
export async function writing<T>({ control: { signal } }: Context, work: () => T): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
    await setTimeout(RETRY_MS);
    if (signal?.aborted) throw new InterruptedError();
  }
}
