// A process that answers in lines of JSON.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { InputError } from '../errors.js';

export interface Child {
  /** Its next line. @throws InputError when it has failed, or says something else than it should */
  next<T>(schema: z.ZodType<T>): Promise<T>;
  /** Gives it a line to read. */
  send(line: string): void;
  close(): void;
}

/**
 * Starts a process.
 * @param name of it, for what is said when it fails
 */
export function startChild(name: string, command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: 'pipe' });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-10_000);
  });
  child.stdin.on('error', () => undefined); // it has ended; why is said where its answer is missing
  const ended = new Promise<string>((resolve) => {
    child.once('error', () => resolve(`${command} cannot be run`));
    child.once('close', () => resolve(errors.trim().split('\n').at(-1) || 'it ended without a word'));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next(schema) {
      const line = await lines.next();
      if (line.done) throw new InputError(`${name}: ${await ended}`);
      try {
        return schema.parse(JSON.parse(line.value));
      } catch {
        throw new InputError(`${name}: says "${line.value.slice(0, 200)}", which is no measurement`);
      }
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    close: () => void child.kill(),
  };
}
