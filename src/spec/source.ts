// A file that a user writes, before anybody has looked into it: its text, and what messages call it.
import { addAbortSignal } from 'node:stream';
import { InputError, InterruptedError, systemReason } from '../errors.js';
import { decodeText, MAX_JSON_BYTES, readText } from './json.js';

export interface Source {
  name: string;
  text: string;
}

/** How standard input is named where a file is. */
export const STANDARD_INPUT = '-';

/** @throws InputError when the file cannot be read */
export function fileSource(path: string): Source {
  return { name: path, text: readText(path) };
}

/**
 * A file, or standard input where the path is "-".
 * @throws InputError when it cannot be read, or a person sits where the file should come from
 */
export async function openSource(path: string, signal?: AbortSignal): Promise<Source> {
  if (path !== STANDARD_INPUT) return fileSource(path);
  const name = 'standard input';
  if (process.stdin.isTTY) {
    throw new InputError(`${name}: is this terminal; give a file, or pipe one into it (… - < FILE)`);
  }
  return { name, text: decodeText(name, await readStandardInput(name, signal)) };
}

async function readStandardInput(name: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const stream = signal ? addAbortSignal(signal, process.stdin) : process.stdin;
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of stream) {
      const bytes = Buffer.from(piece);
      size += bytes.length;
      if (size > MAX_JSON_BYTES) throw new InputError(`${name}: has more than ${MAX_JSON_BYTES} bytes`);
      pieces.push(bytes);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    if (signal?.aborted) throw new InterruptedError();
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: cannot be read: ${systemReason(error)}`);
  }
}
