// Asking on a terminal for what the command line leaves out.
import { createInterface } from 'node:readline/promises';
import { InputError, InterruptedError } from '../errors.js';

/** Whether there is somebody to ask: a terminal that is read from and shown, and no document to be printed. */
export function canAsk({ json }: { json?: boolean | undefined }): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !json;
}

/**
 * Asks on stderr until something is said.
 * @throws InterruptedError on Ctrl-C and when the signal fires; InputError when the input ends
 */
export async function ask(question: string, signal?: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      const next = () => {
        lines.question(`${question}: `).then((line) => (line.trim() ? resolve(line.trim()) : next()), reject);
      };
      const stop = () => reject(new InterruptedError());
      lines.once('SIGINT', stop);
      lines.once('close', () => reject(new InputError(`${question}: is missing`)));
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
      else next();
    });
  } finally {
    lines.close();
  }
}
