// Reads a safetensors file tensor by tensor: the header is checked whole before any weight is touched.
import { closeSync } from 'node:fs';
import { InputError } from '../errors.js';
import { openRegular, refusePointer } from '../files.js';
import { isPlain } from './plain-types.js';
import { type StoredType, typeNamed } from './stored-types.js';
import { type PortableTensor, readExactly, type TensorEntry, WeightFile } from './weight-file.js';

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

type Dtype = keyof typeof BYTES_PER_ELEMENT;

/** The format's own bound: a longer header is not read. */
const MAX_HEADER_BYTES = 100_000_000;

/** An open safetensors file. Close it when done. */
export class SafetensorsFile extends WeightFile {
  private constructor(
    path: string,
    fd: number,
    size: number,
    tensors: ReadonlyMap<string, TensorEntry>,
    /** The header as it stands in the file, with its length. */
    readonly head: Buffer,
    /** `__metadata__` as it stands in the file, not validated. */
    readonly metadata: unknown,
  ) {
    super(path, fd, size, tensors);
  }

  /**
   * Opens a file and validates its header: offsets in range, no overlap and no gap, sizes that agree with dtype
   * and shape.
   * @throws InputError that names the file and what is wrong with it.
   */
  static open(path: string): SafetensorsFile {
    const { fd, size } = openRegular(path);
    try {
      const { tensors, head, metadata } = readHeader(path, fd, size);
      return new SafetensorsFile(path, fd, size, tensors, head, metadata);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  override portable(entry: TensorEntry): PortableTensor {
    return { dtype: entry.dtype, bytes: entry.bytes, pieces: () => this.pieces(entry) };
  }

  protected override typeOf({ name, dtype }: TensorEntry): StoredType {
    if (isPlain(dtype)) return typeNamed(dtype);
    throw new InputError(`${this.path}: tensor "${name}" is ${dtype}; weights must be F32, F16 or BF16`);
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndexArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
