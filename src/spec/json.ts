// Reading JSON that comes from outside: bounded, parsed, validated, and every complaint on one line.
import type { z } from 'zod';
import { InputError } from '../errors.js';
import { readRegular } from '../files.js';

/** No input file of this program is larger; a real tokenizer.json stays below 40 MB. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/**
 * Reads `path` as JSON and validates it.
 * @throws InputError: `file: field: what is wrong`.
 */
export function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  return validate(path, parseJson(path, readText(path)), schema);
}

/** The text of a file of at most 64 MB. @throws InputError when it cannot be read. */
export function readText(path: string): string {
  return readRegular(path, MAX_JSON_BYTES).toString('utf8');
}

/** Parses JSON. @throws InputError with the place of the mistake. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    throw new InputError(`${path}: not valid JSON: ${reason}`);
  }
}

/** In place of zod's "expected string, received undefined" and "received NaN". */
function plainly({ code, input }: { code?: string; input?: unknown }): string | undefined {
  if (code !== 'invalid_type') return undefined;
  return input === undefined ? 'is missing' : Number.isNaN(input) ? 'must be a number' : undefined;
}

/** Validates a value. @throws InputError that names the first bad field and counts the others. */
export function validate<T extends z.ZodType>(source: string, value: unknown, schema: T): z.infer<T> {
  const result = schema.safeParse(value, { error: plainly });
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const field = first?.path.length ? `${first.path.join('.')}: ` : '';
  const message = first ? first.message.charAt(0).toLowerCase() + first.message.slice(1) : 'invalid';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new InputError(`${source}: ${field}${message}${more}`);
}
