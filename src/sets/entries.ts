// The records of a file as they stand in it: lines of JSON Lines one at a time, elements of a list, fields of an object.
import { closeSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { openRegular, readRegular, refusePointer } from '../files.js';
import { decodeText, isJson, parseJson } from '../spec/json.js';

/** No line, and no file that is one JSON value, is larger: a text can have no more. zsRE whole has 0.15 GB. */
const MAX_BYTES = 500_000_000;
const CHUNK_BYTES = 1 << 18;

/** A record before anybody has looked into it. */
export interface Entry {
  value: unknown;
  /** For messages: `record 17`, `line 17`, from 1; of an object the field. */
  place: string;
  /** From 1. */
  number: number;
  /** Of what an object holds. */
  key?: string | undefined;
  /** The name of its file, without directory. */
  file: string;
}

/** A file in one of the ways in which it can be taken apart. */
export interface Entries {
  /** Whether it is the one object of the file. */
  alone: boolean;
  /** Starts over whenever it is called. */
  all(): Iterable<Entry>;
}

/**
 * The ways in which a file can be read: as lines, or as one value: an object by itself, the list that it has as `records`, its
 * fields; or the elements of a list.
 * @throws InputError when it cannot be read or is no JSON; while lines are gone through, of the first bad one
 */
export function entriesIn(path: string): Entries[] {
  const file = basename(path);
  if (isLines(path)) return [{ alone: false, all: () => lineEntries(path, file) }];
  const value = parseJson(path, decodeText(path, readRegular(path, MAX_BYTES)));
  if (Array.isArray(value)) return [elements(value, file)];
  if (typeof value !== 'object' || value === null) return [];
  const whole: Entries = { alone: true, all: () => [{ value, place: 'record 1', number: 1, file }] };
  const fields: Entries = {
    alone: false,
    all: () =>
      Object.entries(value).map(([key, one], i) => ({ value: one, place: key, number: i + 1, key, file })),
  };
  const records: unknown = Object.hasOwn(value, 'records') && Reflect.get(value, 'records');
  return Array.isArray(records) ? [elements(records, file)] : [whole, fields];
}

function elements(list: readonly unknown[], file: string): Entries {
  const entry = (value: unknown, i: number): Entry => ({
    value,
    place: `record ${i + 1}`,
    number: i + 1,
    file,
  });
  return { alone: false, all: () => list.map(entry) };
}

/** Whether the first line is JSON by itself, and not the only one. */
function isLines(path: string): boolean {
  const [first, second] = take(lines(path), 2);
  return first !== undefined && second !== undefined && isJson(decodeText(path, first.bytes));
}

function* lineEntries(path: string, file: string): Generator<Entry> {
  for (const { bytes, number } of lines(path)) {
    const place = `line ${number}`;
    const name = `${path}: ${place}`;
    yield { value: parseJson(name, decodeText(name, bytes)), place, number, file };
  }
}

/** The first so many of what is gone through. */
export function take<T>(all: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const one of all) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

/** The lines of a file that are not blank, each with its number from 1; no more than one of them is in memory. */
function* lines(path: string): Generator<{ bytes: Buffer; number: number }> {
  const { fd } = openRegular(path);
  try {
    let number = 0;
    let open: Buffer[] = []; // of the line that is not ended yet
    let size = 0;
    for (const chunk of chunks(path, fd)) {
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
        const bytes = Buffer.concat([...open, chunk.subarray(start, end)]);
        number++;
        if (!isBlank(bytes)) yield { bytes, number };
        open = [];
        size = 0;
        start = end + 1;
      }
      open.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > MAX_BYTES) throw new InputError(`${path}: line ${number + 1}: has over ${MAX_BYTES} bytes`);
    }
    const last = Buffer.concat(open);
    if (!isBlank(last)) yield { bytes: last, number: number + 1 };
  } finally {
    closeSync(fd);
  }
}

function* chunks(path: string, fd: number): Generator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let count: number;
    try {
      count = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    } catch (error) {
      throw new InputError(`${path}: cannot be read: ${systemReason(error)}`);
    }
    if (count === 0) return;
    if (at === 0) refusePointer(path, chunk.subarray(0, count));
    yield chunk.subarray(0, count);
    at += count;
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
