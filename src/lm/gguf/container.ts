// What a GGUF file holds, by its head: keys with values, and where each tensor lies. All of it is checked before any weight is
// touched. Layout (little endian): "GGUF", u32 version, u64 number of tensors, u64 number of keys; per key a text, u32 type
// and the value; per tensor a name, u32 number of dimensions, u64 of each (the fastest first), u32 type, u64 offset; zeros up
// to a multiple of the alignment, from where offsets count, and where each tensor starts at such a multiple.
import { dirname } from 'node:path';
import { InputError } from '../../errors.js';
import { refusePointer } from '../../files.js';
import { STORED_TYPES, type StoredType } from '../stored-types.js';
import { Cursor } from './cursor.js';
import { Metadata, readValue } from './metadata.js';

/** A tensor as the file has it. */
export interface StoredTensor {
  name: string;
  /** Outermost first, as everywhere else; in the file the innermost is first. */
  shape: number[];
  type: StoredType;
  /** Offset of the first byte, from the start of the file. */
  start: number;
  bytes: number;
  /** Where the head describes it, up to its type and its offset. */
  described: { start: number; bytes: number };
}

export interface Container {
  metadata: Metadata;
  /** In the order of the head. */
  tensors: StoredTensor[];
  /** Where in the file the first tensor is described. */
  descriptions: number;
  alignment: number;
}

/** Files that lie in model directories. */
const OF_A_DIRECTORY = /\.(json|safetensors)$/;

/** Names of types that are not read. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};

const MAGIC = 'GGUF';
const ALIGNMENT = 'general.alignment';
const MOST_ALIGNMENT = 1 << 16;
const MOST_DIMENSIONS = 4;

/** The next multiple of the alignment. */
export function aligned(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}

/** Reads and checks the head of an open file. @throws InputError that names what is wrong with it */
export function readContainer(path: string, fd: number, size: number): Container {
  const bad = (what: string) => new InputError(`${path}: not a valid GGUF file: ${what}`);
  const cursor = new Cursor(path, fd, size, bad);
  const start = cursor.take(Math.min(8, size));
  refusePointer(path, start);
  if (start.toString('latin1', 0, 4) !== MAGIC) {
    const remedy = OF_A_DIRECTORY.test(path)
      ? `give its directory: ${dirname(path)}`
      : '--model takes one of them';
    throw new InputError(`${path}: is neither a model directory nor a GGUF file; ${remedy}`);
  }
  cursor.position = MAGIC.length;
  checkVersion(cursor.u32(), path);
  const tensorCount = cursor.count('tensors', 24);
  const keyCount = cursor.count('keys', 13);
  const values = new Map<string, ReturnType<typeof readValue>>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.text().toString('utf8');
    if (values.has(key)) throw bad(`it has the key "${key}" twice`);
    values.set(key, readValue(cursor, key, bad));
  }
  const metadata = new Metadata(path, values);
  const parts = metadata.number('split.count') ?? 1;
  if (parts > 1) {
    throw new InputError(
      `${path}: is one of ${parts} parts; put them together first: llama-gguf-split --merge`,
    );
  }
  const alignment = alignmentOf(metadata, bad);
  const descriptions = cursor.position;
  const tensors = Array.from({ length: tensorCount }, () => readTensor(cursor, path, bad));
  const data = aligned(cursor.position, alignment);
  for (const tensor of tensors) tensor.start += data;
  checkPlaces(tensors, { data, size, alignment }, bad);
  return { metadata, tensors, descriptions, alignment };
}

function checkVersion(version: number, path: string): void {
  if (version === 2 || version === 3) return;
  const turned = version >= 1 << 24;
  const what = turned ? 'its numbers are big-endian' : `its version is ${version}`;
  throw new InputError(
    `${path}: is a GGUF file that is not read: ${what}; convert the model again (version 3, little endian)`,
  );
}

function alignmentOf(metadata: Metadata, bad: (what: string) => InputError): number {
  const alignment = metadata.number(ALIGNMENT) ?? 32;
  const sound = alignment >= 8 && alignment <= MOST_ALIGNMENT && Number.isInteger(Math.log2(alignment));
  if (sound) return alignment;
  throw bad(`${ALIGNMENT} is ${alignment}, not a power of two from 8 to ${MOST_ALIGNMENT}`);
}

/** The next description; `start` counts from the first tensor still. */
function readTensor(cursor: Cursor, path: string, bad: (what: string) => InputError): StoredTensor {
  const from = cursor.position;
  const name = cursor.text().toString('utf8');
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
    throw bad(`tensor "${name}" has ${dimensions} dimensions, not 1 to ${MOST_DIMENSIONS}`);
  }
  const shape = Array.from({ length: dimensions }, () => cursor.u64(`a dimension of "${name}"`)).reverse();
  if (shape.includes(0)) throw bad(`tensor "${name}" is [${shape}], which is nothing`);
  const described = { start: from, bytes: cursor.position - from };
  const number = cursor.u32();
  const type = STORED_TYPES.find((one) => one.number === number);
  if (!type) {
    const read = STORED_TYPES.map(({ name }) => name).join(', ');
    const found = OTHER_TYPES[number] ?? `of type ${number}`;
    throw new InputError(
      `${path}: tensor "${name}" is ${found}, which is not read; take a file with weights of ${read}`,
    );
  }
  const row = shape.at(-1) ?? 0;
  if (row % type.values !== 0) {
    throw bad(`tensor "${name}" has rows of ${row}, not a multiple of ${type.values}, as ${type.name} has`);
  }
  const bytes = shape.reduce((product, n) => product * n, 1 / type.values) * type.bytes;
  if (!Number.isSafeInteger(bytes)) throw bad(`tensor "${name}" is [${shape}], more than any file holds`);
  return { name, shape, type, start: cursor.u64(`the offset of "${name}"`), bytes, described };
}

/** Tensors lie one behind the other, from the first multiple of the alignment on, and end where the file does. */
function checkPlaces(
  tensors: readonly StoredTensor[],
  { data, size, alignment }: { data: number; size: number; alignment: number },
  bad: (what: string) => InputError,
): void {
  const names = new Set<string>();
  let end = data;
  for (const { name, start, bytes } of [...tensors].sort((a, b) => a.start - b.start || a.bytes - b.bytes)) {
    if (names.has(name)) throw bad(`it has the tensor "${name}" twice`);
    names.add(name);
    if ((start - data) % alignment !== 0) throw bad(`tensor "${name}" is not aligned to ${alignment} bytes`);
    if (start < end) throw bad(`tensor "${name}" overlaps the one before it`);
    if (start > aligned(end - data, alignment) + data) throw bad(`there is a gap before tensor "${name}"`);
    end = start + bytes;
  }
  if (end > size) throw bad(`it is truncated: ${size} bytes of ${end}; download or copy it again`);
  if (size - end >= alignment && tensors.length > 0) throw bad(`${size - end} bytes after the last tensor`);
}
