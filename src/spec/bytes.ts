// Sizes as people write them.
import { InputError } from '../errors.js';

const UNITS: Record<string, number> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes: 500000000, 500MB, 1.5 GB. @param name what messages call it @throws InputError when it is no size */
export function parseBytes(name: string, text: string): number {
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*$/i.exec(text) ?? [];
  const factor = UNITS[unit.toUpperCase()] ?? UNITS[`${unit.toUpperCase()}B`];
  if (number === '' || factor === undefined) {
    throw new InputError(`${name}: "${text}" is no size; write bytes, or 500MB, 2GB`);
  }
  return Math.round(Number(number) * factor);
}
