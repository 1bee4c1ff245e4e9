// A hash by which it is told whether something is the same as before.
import { createHash } from 'node:crypto';

/** Of a value as JSON; the fields of an object count in their order. @param digits hexadecimal, 64 at most */
export function hashOf(value: unknown, digits = 16): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, digits);
}
