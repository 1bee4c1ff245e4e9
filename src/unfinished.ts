// What is half-written goes, also when the program is ended before it can tidy up.
import { rmSync } from 'node:fs';

/**
 * Removes a file or directory should the program end (`process.exit`) while it is being written.
 * @returns to be called when it is whole, or gone
 */
export function unfinished(path: string): () => void {
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return () => process.off('exit', remove);
}
