// What tfjs-node 4.22 still uses of Node's `util`, and Node 23 took away.
import util from 'node:util';

const removed = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
};

/** Puts the missing functions back; what Node has of them is left alone. */
export function restoreUtil(): void {
  const known: object = util;
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in known)) Object.assign(known, { [name]: value });
  }
}
