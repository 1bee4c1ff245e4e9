// Files that commands write for people to go on with: never over one that is there.
import { writeFileSync } from 'node:fs';
import { InputError, systemReason } from '../errors.js';

/** Writes a value as JSON to a new file. @throws InputError when it is there already, or cannot be written: to name another `instead` */
export function writeNewFile(path: string, value: unknown, instead = '--out'): void {
  try {
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${systemReason(error)}; choose another ${instead}`);
  }
}
