// Reads a safetensors file tensor by tensor: the header is checked whole before any weight is touched.
import type { Hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import { openRegular, refusePointer } from '../files.js';
import { allFinite } from '../numbers.js';
import { fromBfloat16, fromHalf } from './half.js';

const BYTES_PER_ELEMENT = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof BYTES_PER_ELEMENT;

/** Where one tensor lies in the file. */
export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Offset of the first byte, from the start of the file. */
  start: number;
  bytes: number;
}

/** The format's own bound: a longer header is not read. */
const MAX_HEADER_BYTES = 100_000_000;
const CHUNK_BYTES = 1 << 22;

/** An open safetensors file. Close it when done. */
export class SafetensorsFile {
  private constructor(
    readonly path: string,
    private readonly fd: number,
    /** By name, in the order in which they lie in the file. */
    readonly tensors: ReadonlyMap<string, TensorEntry>,
    /** The header as it stands in the file, with its length. */
    readonly head: Buffer,
    /** `__metadata__` as it stands in the file, not validated. */
    readonly metadata: unknown,
  ) {}

  /**
   * Opens a file and validates its header: offsets in range, no overlap and no gap, sizes that agree with dtype
   * and shape.
   * @throws InputError that names the file and what is wrong with it.
   */
  static open(path: string): SafetensorsFile {
    const { fd, size } = openRegular(path);
    try {
      const { tensors, head, metadata } = readHeader(path, fd, size);
      return new SafetensorsFile(path, fd, tensors, head, metadata);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /**
   * One pass over the file, in file order: hands each tensor that `wants` names to `visit` as float32 and feeds
   * every byte to `hash`. At most one tensor is in memory at a time.
   * @throws InputError when a wanted tensor is not F32, F16 or BF16, a value of it is not finite, or the file ends early.
   */
  readAll(
    wants: (entry: TensorEntry) => boolean,
    visit: (entry: TensorEntry, values: Float32Array) => void,
    hash?: Hash,
  ): void {
    hash?.update(this.head);
    for (const entry of this.tensors.values()) {
      if (wants(entry)) {
        const bytes = this.bytes(entry);
        hash?.update(bytes);
        visit(entry, toFloat32(this.path, entry, bytes));
      } else if (hash) {
        for (const piece of this.pieces(entry)) hash.update(piece);
      }
    }
  }

  /** The values of one tensor. @throws InputError as `readAll` */
  read(entry: TensorEntry): Float32Array {
    return toFloat32(this.path, entry, this.bytes(entry));
  }

  /** The bytes of a tensor as they lie in the file. */
  bytes(entry: TensorEntry): Buffer {
    let bytes: Buffer;
    try {
      bytes = Buffer.from(new ArrayBuffer(entry.bytes)); // its own buffer: 4-byte aligned for Float32Array
    } catch {
      throw new InputError(
        `${this.path}: tensor "${entry.name}" has ${entry.bytes} bytes, too many for the memory`,
      );
    }
    readExactly(this.path, this.fd, bytes, entry.start);
    return bytes;
  }

  /** The same, piece by piece. */
  *pieces(entry: TensorEntry): Generator<Buffer> {
    for (let done = 0; done < entry.bytes; done += CHUNK_BYTES) {
      const piece = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, entry.bytes - done));
      readExactly(this.path, this.fd, piece, entry.start + done);
      yield piece;
    }
  }
}

function readExactly(path: string, fd: number, target: Buffer, position: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(fd, target, done, target.length - done, position + done);
    if (count === 0) throw new InputError(`${path}: ends early; download or copy it again`);
    done += count;
  }
}

function readHeader(
  path: string,
  fd: number,
  size: number,
): { tensors: Map<string, TensorEntry>; head: Buffer; metadata: unknown } {
  const bad = (what: string) => new InputError(`${path}: not a valid safetensors file: ${what}`);
  if (size < 8) throw bad(`it has ${size} bytes, too few for a header`);
  const prefix = Buffer.alloc(8);
  readExactly(path, fd, prefix, 0);
  refusePointer(path, prefix);
  const headerBytes = Number(prefix.readBigUInt64LE());
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8) {
    throw bad(`the header's length (${headerBytes}) exceeds the file; is it truncated?`);
  }
  const header = Buffer.alloc(headerBytes);
  readExactly(path, fd, header, 8);

  const text = header.toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw bad('the header is not JSON');
  }
  if (!isRecord(parsed)) throw bad('the header is not an object');
  if (keyCount(text) > Object.keys(parsed).length) throw bad('the header names a tensor twice');

  const dataStart = 8 + headerBytes;
  const entries = Object.entries(parsed)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value, dataStart, bad))
    .sort((a, b) => a.start - b.start || a.bytes - b.bytes);

  let end = dataStart;
  for (const entry of entries) {
    if (entry.start < end) throw bad(`tensor "${entry.name}" overlaps the one before it`);
    if (entry.start > end) throw bad(`there is a gap before tensor "${entry.name}"`);
    end = entry.start + entry.bytes;
  }
  if (end > size) {
    throw bad(`it is truncated: ${size} bytes of ${end}; download or copy it again`);
  }
  if (end < size) throw bad(`${size - end} bytes after the last tensor`);
  return {
    tensors: new Map(entries.map((entry) => [entry.name, entry])),
    head: Buffer.concat([prefix, header]),
    metadata: parsed.__metadata__,
  };
}

function parseEntry(
  name: string,
  value: unknown,
  dataStart: number,
  bad: (what: string) => InputError,
): TensorEntry {
  if (!isRecord(value)) throw bad(`tensor "${name}" has no description`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_PER_ELEMENT, dtype)) {
    throw bad(`tensor "${name}": ${typeof dtype === 'string' ? `unknown dtype "${dtype}"` : 'bad dtype'}`);
  }
  if (!isIndexArray(shape)) throw bad(`tensor "${name}": bad shape`);
  if (!isIndexArray(offsets) || offsets.length !== 2) throw bad(`tensor "${name}": bad data_offsets`);
  const [from, to] = offsets as [number, number];
  const size = shape.reduce((product, n) => product * n, BYTES_PER_ELEMENT[dtype as Dtype]);
  if (!Number.isSafeInteger(size) || to - from !== size) {
    throw bad(`tensor "${name}": ${dtype} [${shape}] needs ${size} bytes, its offsets say ${to - from}`);
  }
  return { name, dtype: dtype as Dtype, shape, start: dataStart + from, bytes: size };
}

/** How many keys the outermost object of a JSON text has, those that come twice counted twice. */
function keyCount(json: string): number {
  let depth = 0;
  let keys = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (quoted && c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') depth--;
    else if (c === ':' && depth === 1) keys++;
  }
  return keys;
}

/** @throws InputError that names the first value that is not finite */
function checkFinite(path: string, { name, shape }: TensorEntry, values: Float32Array): void {
  if (allFinite(values)) return;
  const first = values.findIndex((value) => !Number.isFinite(value));
  const at = shape
    .toReversed()
    .reduce<{ rest: number; place: number[] }>(
      ({ rest, place }, size) => ({ rest: Math.floor(rest / size), place: [rest % size, ...place] }),
      { rest: first, place: [] },
    );
  throw new InputError(
    `${path}: tensor "${name}" holds values that are not finite: ${values[first]} at [${at.place}]; ` +
      'the file is damaged, or its training failed',
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndexArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function toFloat32(path: string, entry: TensorEntry, bytes: Buffer): Float32Array {
  const values = convert(path, entry, bytes);
  checkFinite(path, entry, values);
  return values;
}

function convert(path: string, entry: TensorEntry, bytes: Buffer): Float32Array {
  const count = bytes.length / BYTES_PER_ELEMENT[entry.dtype];
  switch (entry.dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    case 'BF16': {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = fromBfloat16(bytes.readUInt16LE(2 * i));
      return values;
    }
    case 'F16': {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = fromHalf(bytes.readUInt16LE(2 * i));
      return values;
    }
    default:
      throw new InputError(
        `${path}: tensor "${entry.name}" is ${entry.dtype}; weights must be F32, F16 or BF16`,
      );
  }
}
