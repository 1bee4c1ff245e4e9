// The keys and values of a GGUF file. Values are read when they are asked for: of most keys nobody ever asks.
import { InputError } from '../../errors.js';
import type { Cursor } from './cursor.js';

const TEXT = 8;
const ARRAY = 9;
const BOOL = 7;

/** How a number is read, by the type that the format gives it. */
const NUMBERS: Record<number, { bytes: number; read(bytes: Buffer, at: number): number }> = {
  0: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
  1: { bytes: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { bytes: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  3: { bytes: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { bytes: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  5: { bytes: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { bytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  10: { bytes: 8, read: (bytes, at) => Number(bytes.readBigUInt64LE(at)) },
  11: { bytes: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)) },
  12: { bytes: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
};

/** A value as it lies in the file. */
interface Value {
  type: number;
  /** Of arrays. */
  count?: number;
  /** Of a text without its length. */
  bytes: Buffer;
}

/**
 * Reads a value, without looking into it.
 * @throws what `bad` makes, when it is of no type that there is, or an array of arrays
 */
export function readValue(cursor: Cursor, key: string, bad: (what: string) => Error): Value {
  const type = cursor.u32();
  if (type === TEXT) return { type, bytes: cursor.text() };
  if (type !== ARRAY) return { type, bytes: cursor.take(widthOf(type, key, bad)) };
  const element = cursor.u32();
  if (element === ARRAY) throw bad(`"${key}" is an array of arrays, which no model has`);
  if (element !== TEXT) {
    const width = widthOf(element, key, bad);
    const count = cursor.count(`values of "${key}"`, width);
    return { type: element, count, bytes: cursor.take(count * width) };
  }
  const count = cursor.count(`values of "${key}"`, 8);
  return { type: element, count, bytes: cursor.texts(count) };
}

function widthOf(type: number, key: string, bad: (what: string) => Error): number {
  const width = type === BOOL ? 1 : NUMBERS[type]?.bytes;
  if (width === undefined) throw bad(`"${key}" is of type ${type}, which there is not`);
  return width;
}

/** Keys with their values. Every method gives undefined for a key that is not there. */
export class Metadata {
  /** @param path of the file, for errors */
  constructor(
    readonly path: string,
    private readonly values: ReadonlyMap<string, Value>,
  ) {}

  /** @throws InputError when it is no text */
  text(key: string): string | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (value.type === TEXT && value.count === undefined) return value.bytes.toString('utf8');
    throw this.wrong(key, 'a text');
  }

  /** @throws InputError when it is neither true nor false */
  flag(key: string): boolean | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (value.type === BOOL && value.count === undefined) return value.bytes[0] !== 0;
    throw this.wrong(key, 'true or false');
  }

  /** A number, or the one that all of an array are. @throws InputError when it is something else, or not finite */
  number(key: string): number | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    const [first, ...others] = this.read(key, { ...value, count: value.count ?? 1 });
    if (first === undefined || !Number.isFinite(first)) throw this.wrong(key, 'a number');
    if (others.some((other) => other !== first)) {
      throw new InputError(`${this.path}: ${key}: differs from layer to layer, which is not supported`);
    }
    return first;
  }

  /** @throws InputError when it is no array of numbers */
  numbers(key: string): number[] | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (value.count === undefined) throw this.wrong(key, 'an array of numbers');
    return this.read(key, value);
  }

  /** @throws InputError when it is no array of texts */
  texts(key: string): string[] | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (value.type !== TEXT || value.count === undefined) throw this.wrong(key, 'an array of texts');
    const texts: string[] = [];
    for (let at = 0; at < value.bytes.length; ) {
      const end = at + 8 + Number(value.bytes.readBigUInt64LE(at));
      texts.push(value.bytes.toString('utf8', at + 8, end));
      at = end;
    }
    return texts;
  }

  private read(key: string, { type, count = 0, bytes }: Value): number[] {
    const number = NUMBERS[type];
    if (!number) throw this.wrong(key, 'a number, or several');
    return Array.from({ length: count }, (_, i) => number.read(bytes, i * number.bytes));
  }

  private wrong(key: string, expected: string): InputError {
    return new InputError(`${this.path}: ${key}: is not ${expected}`);
  }
}
