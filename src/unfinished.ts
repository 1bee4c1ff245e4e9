// What is half-written goes, also when the program is ended before it can tidy up.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A name beside a path for what becomes it when it is whole; no two writers have the same. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
}

/**
 * Removes a file or directory of one's own should the program end (`process.exit`) while it is being written.
 * @returns to be called when it is whole, or gone
 */
export function unfinished(path: string): () => void {
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return () => process.off('exit', remove);
}
