// What comes out of SQLite, validated: a ledger is a file from outside like any other.
import { inflateRawSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { ConflictError } from '../errors.js';

export type Connection = Database.Database;

/**
 * Validates a row.
 * @param file which it is of, for messages
 * @throws ConflictError when the file holds something that this version never wrote
 */
export function row<T extends z.ZodType>(schema: T, value: unknown, file = 'the ledger'): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConflictError(
    `${file} is damaged: ${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'invalid'}; restore it from a copy`,
  );
}

/** Rows of a query. @param file which they are of, for messages */
export function rows<T extends z.ZodType>(schema: T, values: unknown[], file?: string): z.infer<T>[] {
  return values.map((value) => row(schema, value, file));
}

/** A column of float32 values. */
export const floats = z
  .instanceof(Uint8Array)
  .refine((bytes) => bytes.length % 4 === 0, 'is not float32 data')
  .transform((bytes) => {
    const aligned = new Uint8Array(bytes); // SQLite's buffers need not be aligned to 4 bytes
    return new Float32Array(aligned.buffer);
  });

/** A column of compressed text. */
export const compressedText = z.instanceof(Uint8Array).transform((bytes, context): string => {
  try {
    return inflateRawSync(bytes).toString();
  } catch {
    context.addIssue({ code: 'custom', message: 'is not compressed text' });
    return z.NEVER;
  }
});

/** Levels of a JSON document; what this program writes has ten at most. */
const DEEPEST = 100;

/** A column of JSON text. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z.string().transform((text, context): z.infer<T> => {
    if (isDeeperThan(text, DEEPEST)) {
      context.addIssue({ code: 'custom', message: 'is nested too deeply' });
      return z.NEVER;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    context.addIssue({ code: 'custom', message: result.error.issues[0]?.message ?? 'invalid' });
    return z.NEVER;
  });
}

/** Whether a JSON text opens more brackets inside each other than that; what walks through it would run out of stack. */
function isDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length && depth <= levels; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
  }
  return depth > levels;
}
