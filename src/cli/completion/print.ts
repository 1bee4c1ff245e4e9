// The answer to a shell that completes a command line, as its script reads it.
import { printable } from '../../report/style.js';
import { complete } from './complete.js';

/** @param line the command line up to the cursor */
export async function printCompletion(line: string): Promise<void> {
  const found = await complete(line);
  const lines =
    found === 'files'
      ? [':files']
      : found.map(({ value, means }) => `${printable(value)}\t${printable(means.split('\n', 1).join())}`);
  process.stdout.write(lines.map((one) => `${one}\n`).join(''));
}
