// Options of measurements.
import { InputError } from '../errors.js';

/** A whole number from 1 to 999. @throws InputError that names the option */
export function whole(option: string, text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new InputError('must be a whole number from 1 to 999', `--${option}`);
  return Number(text);
}
