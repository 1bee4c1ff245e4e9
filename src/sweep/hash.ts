// A short hash of what is held against what was kept.
import { createHash } from 'node:crypto';

/** A hash of facts, so that what was held against others is not taken for the same. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
