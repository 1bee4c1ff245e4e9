// Asking on a terminal for what the command line leaves out.
import { createInterface } from 'node:readline/promises';
import { InputError, InterruptedError } from '../errors.js';
import { type CommonArguments, formatOf } from './options.js';

/** Whether there is somebody to ask: a terminal that is read from and shown, and no document to be printed. */
export function canAsk(argv: CommonArguments): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && formatOf(argv) !== 'json';
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

/**
 * Options that were given, and on a terminal answers to the others, in their order.
 * @throws InputError that names the first one that is missing
 */
export async function givenOrAsked<K extends string>(
  argv: CommonArguments & { [key in K]?: string | undefined },
  names: readonly K[],
  signal?: AbortSignal,
): Promise<{ [key in K]: string }> {
  const answers: [K, string][] = [];
  for (const name of names) {
    const given = argv[name];
    if (given === undefined && !canAsk(argv)) throw new InputError(`--${name}: is missing`);
    answers.push([name, given ?? (await ask(name, signal))]);
  }
  return Object.fromEntries(answers) as { [key in K]: string };
}
