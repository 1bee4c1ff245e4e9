// The weights of a checkpoint with some value vectors changed: in the type of their tensors or, where the values do not fit
// that and it is asked for, in F32. Types of GGUF that share a scale among values cannot hold others; a matrix of such a type
// is stored plain. Every other byte stays.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError, InterruptedError } from '../errors.js';
import { largest, norm } from '../numbers.js';
import type { GgufFile } from './gguf/file.js';
import { copyWith } from './gguf/write.js';
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.js';
import { extendOverlay, NO_OVERLAY, type Overlay, overlayVectors } from './overlay.js';
import type { Layout, ValueMatrix } from './parts.js';
import { SafetensorsFile } from './safetensors.js';
import {
  isPlain,
  type PlainType,
  type PortableTensor,
  type TensorEntry,
  type WeightFile,
} from './weight-file.js';
import { headOf } from './write.js';

/** A vector that a matrix is to hold. */
interface Vector {
  neuron: number;
  values: Float32Array;
}

/** A tensor with other value vectors. */
interface EditedTensor {
  file: WeightFile;
  entry: TensorEntry;
  layout: Layout;
  /** The type that it is written in. */
  dtype: PlainType;
  vectors: Vector[];
}

/** How edited vectors are stored. */
export interface Storage {
  tensors: EditedTensor[];
  /** Names of the tensors that are widened to F32 for their edited values. */
  widened: string[];
  /** Tensors that leave the blocks that they have in the base's GGUF file. */
  retyped: { tensor: string; from: string; to: PlainType }[];
  /** Types that vectors are rounded to; none where all are F32. */
  rounded: PlainType[];
  /** The largest |stored - vector| / |vector|. */
  relativeError: number;
  /** The vectors as they are read back. */
  overlay: Overlay;
}

/** The format that weights are written in. */
export type Format = 'safetensors' | 'gguf';

/**
 * What F16 may change at most of any vector of a matrix that cannot stay in the blocks of its GGUF file, by its norm. (Values
 * in F16's normal range change by at most 2^-11 of themselves; of smaller ones more is lost.)
 */
const MOST_HALF_ERROR = 2 ** -10;

/**
 * Decides how edited vectors are stored.
 * @param matrices where each layer's value vectors lie
 * @param widen store tensors in F32 that have values which do not fit their type
 * @throws InputError that names a value that does not fit
 */
export function planStorage(
  files: readonly WeightFile[],
  overlay: Overlay,
  matrices: readonly ValueMatrix[],
  { widen, format }: { widen: boolean; format: Format },
): Storage {
  const vectors = overlayVectors(overlay);
  const layers = [...new Set(overlay.neurons.map(([layer]) => layer))];
  const plans = layers.map((layer) => {
    const matrix = matrices[layer];
    const file = files.find(({ path }) => basename(path) === matrix?.file);
    const entry = matrix && file?.tensors.get(matrix.tensor);
    if (!file || !entry) throw new InputError(`the value vectors of layer ${layer} are not in the weights`);
    const own = vectors.flatMap(({ at, vector }) =>
      at[0] === layer ? [{ neuron: at[1], values: vector }] : [],
    );
    const tensor = { file, entry, layout: matrix.layout, vectors: own };
    if (isPlain(entry.dtype)) return { layer, ...inOwnType({ ...tensor, dtype: entry.dtype }, layer, widen) };
    return { layer, ...outOfBlocks({ ...tensor, dtype: 'F32' }, format) };
  });
  const tensors = plans.map(({ tensor }) => tensor);
  const types = new Set(tensors.map(({ dtype }) => dtype));
  return {
    tensors,
    widened: tensors.filter(({ dtype, entry }) => isPlain(entry.dtype) && dtype !== entry.dtype).map(nameOf),
    retyped: tensors
      .filter(({ entry }) => format === 'gguf' && !isPlain(entry.dtype))
      .map(({ entry, dtype }) => ({ tensor: entry.name, from: entry.dtype, to: dtype })),
    rounded: [...types].filter((dtype) => dtype !== 'F32'),
    relativeError: largest(
      plans.map((plan) => plan.error),
      0,
    ),
    overlay: extendOverlay(
      NO_OVERLAY,
      plans.flatMap(({ layer, stored }) =>
        stored.map(({ neuron, values }) => ({ at: [layer, neuron] as const, vector: values })),
      ),
    ),
  };
}

function nameOf({ entry }: EditedTensor): string {
  return entry.name;
}

/** How a tensor is stored, the vectors in it that differ then from the base's, and their largest relative error. */
interface Plan {
  tensor: EditedTensor;
  stored: Vector[];
  error: number;
}

/** A matrix of a plain type keeps it, or is widened. */
function inOwnType(tensor: EditedTensor, layer: number, widen: boolean): Plan {
  const { file, entry, vectors } = tensor;
  const misfit = misfitOf(tensor.dtype, vectors);
  if (misfit && !widen) {
    throw new InputError(
      `${file.path}: tensor "${entry.name}" is ${entry.dtype}, which cannot hold ${misfit.value.toPrecision(4)}, ` +
        `a value of neuron ${misfit.neuron} in layer ${layer}; revert that edit, or store the tensor in F32 with --widen`,
    );
  }
  const dtype = misfit ? 'F32' : tensor.dtype;
  const stored = roundedTo(dtype, vectors);
  return { tensor: { ...tensor, dtype }, stored, error: errorOf(vectors, stored) };
}

/** A matrix of blocks becomes F16 where that holds all of it well enough, else F32, as in safetensors files always. */
function outOfBlocks(tensor: EditedTensor, format: Format): Plan {
  if (format === 'gguf') {
    const all = columnsOf(tensor);
    const stored = roundedTo('F16', all);
    const error = errorOf(all, stored);
    if (error <= MOST_HALF_ERROR) return { tensor: { ...tensor, dtype: 'F16' }, stored, error };
  }
  return { tensor, stored: tensor.vectors, error: 0 };
}

/** Every vector of a matrix, with the edited ones in place. */
function columnsOf(tensor: EditedTensor): Vector[] {
  const values = editedValues(tensor);
  const [rows = 0, columns = 0] = tensor.entry.shape;
  const [count, width] = tensor.layout === 'out-in' ? [columns, rows] : [rows, columns];
  return Array.from({ length: count }, (_, neuron) => {
    const vector = new Float32Array(width);
    for (let h = 0; h < width; h++) vector[h] = values[placeOf(tensor, neuron, h)] ?? 0;
    return { neuron, values: vector };
  });
}

function roundedTo(dtype: PlainType, vectors: readonly Vector[]): Vector[] {
  return vectors.map(({ neuron, values }) => ({
    neuron,
    values: values.map((value) => rounded(dtype, value)),
  }));
}

function rounded(dtype: PlainType, value: number): number {
  if (dtype === 'F32') return value;
  return dtype === 'BF16' ? fromBfloat16(toBfloat16(value)) : fromHalf(toHalf(value));
}

function misfitOf(dtype: PlainType, vectors: readonly Vector[]) {
  for (const { neuron, values } of vectors) {
    const value = values.find((one) => !Number.isFinite(rounded(dtype, one)));
    if (value !== undefined) return { neuron, value };
  }
  return undefined;
}

/** The largest relative error of vectors as they are stored. */
function errorOf(vectors: readonly Vector[], stored: readonly Vector[]): number {
  return largest(
    vectors.map(({ values }, i) => relativeError(values, stored[i]?.values ?? values)),
    0,
  );
}

function relativeError(vector: Float32Array, stored: Float32Array): number {
  const length = norm(vector);
  return length > 0 ? norm(vector.map((value, i) => value - (stored[i] ?? 0))) / length : 0;
}

/**
 * Writes a safetensors file: a copy of one of the files, with what the storage changes in it.
 * @throws InterruptedError when the signal fires; an unfinished file is left then, as on any other failure
 */
export async function writeEdited(
  source: WeightFile,
  path: string,
  { tensors }: Storage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const edited = new Map(tensors.filter(({ file }) => file === source).map((one) => [one.entry, one]));
  const all = [...source.tensors.values()].flatMap((entry) => {
    const tensor = edited.get(entry);
    const out = tensor ? portable(tensor) : source.portable(entry);
    return out ? [{ name: entry.name, shape: entry.shape, ...out }] : [];
  });
  await writePieces(path, pieces(headFor(source, edited, all), all), signal);
}

function* pieces(head: Uint8Array, tensors: readonly PortableTensor[]): Generator<Uint8Array> {
  yield head;
  for (const tensor of tensors) yield* tensor.pieces();
}

/**
 * Writes a GGUF file: a copy of the base's with what the storage changes in it.
 * @throws InterruptedError when the signal fires; an unfinished file is left then
 */
export async function writeEditedGguf(
  source: GgufFile,
  path: string,
  { tensors }: Storage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const replacements = new Map(tensors.map((tensor) => [tensor.entry.start, portable(tensor)]));
  await writePieces(path, copyWith(source, replacements), signal);
}

/** Writes a new file piece by piece. @throws InterruptedError when the signal fires */
async function writePieces(
  path: string,
  all: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const out = await open(path, 'wx');
  try {
    for (const piece of all) {
      if (signal?.aborted) throw new InterruptedError();
      await out.writeFile(piece); // goes on where the last one ended
    }
    await out.sync();
  } finally {
    await out.close();
  }
}

/** The head as it stands in the file, where nothing in it changes. */
function headFor(
  source: WeightFile,
  edited: ReadonlyMap<TensorEntry, EditedTensor>,
  all: Parameters<typeof headOf>[0],
): Buffer {
  if (!(source instanceof SafetensorsFile)) return headOf(all, { format: 'pt' });
  const widened = [...edited.values()].some(({ dtype, entry }) => dtype !== entry.dtype);
  return widened ? headOf(all, source.metadata) : source.head;
}

/** An edited tensor as it is written. */
function portable(tensor: EditedTensor): PortableTensor & { dtype: PlainType } {
  const { entry, dtype } = tensor;
  const bytes = entry.shape.reduce((product, n) => product * n, dtype === 'F32' ? 4 : 2);
  return { dtype, bytes, pieces: () => [bytesOf(tensor)] };
}

function bytesOf(tensor: EditedTensor): Buffer {
  const { file, entry, dtype, vectors } = tensor;
  if (dtype !== entry.dtype) return encoded(dtype, editedValues(tensor));
  const bytes = file.bytes(entry);
  for (const { neuron, values } of vectors) {
    values.forEach((value, h) => {
      put(bytes, dtype, placeOf(tensor, neuron, h), value);
    });
  }
  return bytes;
}

/** The values of the tensor, with the edited vectors in place. */
function editedValues(tensor: EditedTensor): Float32Array {
  const all = tensor.file.read(tensor.entry);
  for (const { neuron, values } of tensor.vectors) {
    values.forEach((value, h) => {
      all[placeOf(tensor, neuron, h)] = value;
    });
  }
  return all;
}

/** Where in a tensor a component of a neuron's vector lies. */
function placeOf({ entry, layout }: EditedTensor, neuron: number, h: number): number {
  const [, columns = 1] = entry.shape;
  return layout === 'out-in' ? h * columns + neuron : neuron * columns + h;
}

function encoded(dtype: PlainType, values: Float32Array): Buffer {
  if (dtype === 'F32') return Buffer.from(values.buffer as ArrayBuffer);
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => {
    put(bytes, dtype, i, value);
  });
  return bytes;
}

function put(bytes: Buffer, dtype: PlainType, i: number, value: number): void {
  if (dtype === 'F32') bytes.writeFloatLE(value, 4 * i);
  else if (dtype === 'BF16') bytes.writeUInt16LE(toBfloat16(value), 2 * i);
  else bytes.writeUInt16LE(toHalf(value), 2 * i);
}
