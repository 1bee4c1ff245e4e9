// Reading JSON that comes from outside: bounded, UTF-8, parsed, validated, and every complaint on one line.
import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { InputError } from '../errors.js';
import { readRegular } from '../files.js';
import { faultLine, inWords } from './faults.js';
import { syntaxMistake } from './syntax.js';

/** No input file of this program is larger; a real tokenizer.json stays below 40 MB. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** A value that something in a file came to. */
export interface JsonValue {
  path: string;
  value: unknown;
  /** What the file calls a field of it, where it has another name for it. */
  named?(field: string): string;
}

/** JSON from outside: the path of a file, or a value that something in a file came to. */
export type JsonSource = string | JsonValue;

/** The file that it is from. */
export function pathOf(source: JsonSource): string {
  return typeof source === 'string' ? source : source.path;
}

/**
 * Reads JSON and validates it.
 * @throws InputError: `file: field: what is wrong`.
 */
export function readJson<T extends z.ZodType>(source: JsonSource, schema: T): z.infer<T> {
  if (typeof source !== 'string') return check(source, schema);
  return validate(source, parseJson(source, readText(source)), schema);
}

/** The text of a file of at most 64 MB. @throws InputError when it cannot be read, or is no UTF-8. */
export function readText(path: string): string {
  return decodeText(path, readRegular(path, MAX_JSON_BYTES));
}

/** The text that bytes are, without a byte order mark. @throws InputError when they are no UTF-8. */
export function decodeText(source: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (marked || first === 0 || second === 0) {
    throw new InputError(`${source}: is in UTF-16, not UTF-8; save it as UTF-8`);
  }
  if (!isUtf8(bytes)) {
    throw new InputError(`${source}: is not UTF-8 (line ${firstBadLine(bytes)}); save it as UTF-8`);
  }
  return new TextDecoder().decode(bytes);
}

/** The line, from 1, in which bytes stop being UTF-8. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Parses JSON. @throws InputError with the place of the mistake. */
export function parseJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = syntaxMistake(text) ?? (error instanceof Error ? error.message : String(error));
    throw new InputError(`${source}: not valid JSON: ${reason}`);
  }
}

/** Validates a value. @throws InputError that names its faults, each with its field. */
export function validate<T extends z.ZodType>(source: string, value: unknown, schema: T): z.infer<T> {
  return check({ path: source, value }, schema);
}

function check<T extends z.ZodType>({ path, value, named }: JsonValue, schema: T): z.infer<T> {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  throw new InputError(`${path}: ${faultLine(result.error, named)}`);
}
