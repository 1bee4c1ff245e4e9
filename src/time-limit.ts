// A limit on the time of synchronous work that a file from outside controls: a regular expression can run for ever.
import { isNativeError } from 'node:util/types';
import vm from 'node:vm';
import { InputError } from './errors.js';

const script = new vm.Script('work()');
const room = vm.createContext({ work: undefined });

/**
 * Does some work, and stops it in the middle when it takes too long (Node's `vm` can interrupt even a regular
 * expression).
 * @throws InputError with `message` when the time is over; otherwise whatever the work throws
 */
export function withTimeLimit<T>(milliseconds: number, message: string, work: () => T): T {
  let result: { value: T } | undefined;
  room.work = () => {
    result = { value: work() };
  };
  try {
    script.runInContext(room, { timeout: milliseconds });
  } catch (error) {
    throw isTimeout(error) ? new InputError(message) : error;
  } finally {
    room.work = undefined;
  }
  if (!result) throw new Error('the work did not run');
  return result.value;
}

/** The error comes from the other context, so it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
