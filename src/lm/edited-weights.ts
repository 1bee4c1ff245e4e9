// The weights of a checkpoint with some value vectors changed: in the type of their tensors or, where the values do not
// fit that and it is asked for, in F32. Every other byte stays.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError, InterruptedError } from '../errors.js';
import { norm } from '../numbers.js';
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.js';
import { extendOverlay, NO_OVERLAY, type Overlay, overlayVectors } from './overlay.js';
import type { Layout, ValueMatrix } from './parts.js';
import type { Dtype, SafetensorsFile, TensorEntry } from './safetensors.js';
import { headOf } from './write.js';

/** A tensor with other value vectors. */
interface EditedTensor {
  file: SafetensorsFile;
  entry: TensorEntry;
  layout: Layout;
  /** The type that it is written in. */
  dtype: Dtype;
  vectors: { neuron: number; values: Float32Array }[];
}

/** How edited vectors are stored. */
export interface Storage {
  tensors: EditedTensor[];
  /** Names of the tensors that are widened to F32. */
  widened: string[];
  /** Types that vectors are rounded to; none where all are F32. */
  rounded: Dtype[];
  /** The largest |stored - vector| / |vector|. */
  relativeError: number;
  /** The vectors as they are read back. */
  overlay: Overlay;
}

/**
 * Decides how edited vectors are stored.
 * @param matrices where each layer's value vectors lie
 * @param widen store tensors in F32 that have values which do not fit their type
 * @throws InputError that names a value that does not fit
 */
export function planStorage(
  files: readonly SafetensorsFile[],
  overlay: Overlay,
  matrices: readonly ValueMatrix[],
  widen: boolean,
): Storage {
  const vectors = overlayVectors(overlay);
  const layers = [...new Set(overlay.neurons.map(([layer]) => layer))];
  const tensors = layers.map((layer): EditedTensor => {
    const matrix = matrices[layer];
    const file = files.find(({ path }) => basename(path) === matrix?.file);
    const entry = matrix && file?.tensors.get(matrix.tensor);
    if (!file || !entry) throw new InputError(`the value vectors of layer ${layer} are not in the weights`);
    const own = vectors.flatMap(({ at, vector }) =>
      at[0] === layer ? [{ neuron: at[1], values: vector }] : [],
    );
    const misfit = misfitOf(entry.dtype, own);
    if (misfit && !widen) {
      throw new InputError(
        `${file.path}: tensor "${entry.name}" is ${entry.dtype}, which cannot hold ${misfit.value.toPrecision(4)}, ` +
          `a value of neuron ${misfit.neuron} in layer ${layer}; revert that edit, or store the tensor in F32 with --widen`,
      );
    }
    return { file, entry, layout: matrix.layout, dtype: misfit ? 'F32' : entry.dtype, vectors: own };
  });
  const typeOf = new Map(layers.map((layer, i) => [layer, tensors[i]?.dtype ?? 'F32']));
  const stored = vectors.map(({ at, vector }) => {
    return { at, vector: vector.map((value) => rounded(typeOf.get(at[0]) ?? 'F32', value)) };
  });
  const errors = vectors.map(({ vector }, i) => relativeError(vector, stored[i]?.vector ?? vector));
  return {
    tensors,
    widened: tensors.filter(({ dtype, entry }) => dtype !== entry.dtype).map(({ entry }) => entry.name),
    rounded: [...new Set(tensors.map(({ dtype }) => dtype))].filter((dtype) => dtype !== 'F32'),
    relativeError: errors.reduce((most, error) => Math.max(most, error), 0),
    overlay: extendOverlay(NO_OVERLAY, stored),
  };
}

function rounded(dtype: Dtype, value: number): number {
  if (dtype === 'F32') return value;
  return dtype === 'BF16' ? fromBfloat16(toBfloat16(value)) : fromHalf(toHalf(value));
}

function misfitOf(dtype: Dtype, vectors: EditedTensor['vectors']) {
  for (const { neuron, values } of vectors) {
    const value = values.find((one) => !Number.isFinite(rounded(dtype, one)));
    if (value !== undefined) return { neuron, value };
  }
  return undefined;
}

function relativeError(vector: Float32Array, stored: Float32Array): number {
  const length = norm(vector);
  return length > 0 ? norm(vector.map((value, i) => value - (stored[i] ?? 0))) / length : 0;
}

/**
 * Writes a copy of one of the files, with what the storage changes in it.
 * @throws InterruptedError when the signal fires; an unfinished file is left then, as on any other failure
 */
export async function writeEdited(
  source: SafetensorsFile,
  path: string,
  { tensors }: Storage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const edited = new Map(tensors.filter(({ file }) => file === source).map((one) => [one.entry, one]));
  const widened = [...edited.values()].some(({ dtype, entry }) => dtype !== entry.dtype);
  const out = await open(path, 'wx');
  try {
    await out.writeFile(widened ? widenedHead(source, edited) : source.head);
    for (const entry of source.tensors.values()) {
      const tensor = edited.get(entry);
      for (const piece of tensor ? [bytesOf(tensor)] : source.pieces(entry)) {
        if (signal?.aborted) throw new InterruptedError();
        await out.writeFile(piece); // goes on where the last one ended
      }
    }
    await out.sync();
  } finally {
    await out.close();
  }
}

function widenedHead(source: SafetensorsFile, edited: ReadonlyMap<TensorEntry, EditedTensor>): Buffer {
  const entries = [...source.tensors.values()].map((entry) => {
    const dtype = edited.get(entry)?.dtype ?? entry.dtype;
    return { ...entry, dtype, bytes: dtype === entry.dtype ? entry.bytes : 2 * entry.bytes };
  });
  return headOf(entries, source.metadata);
}

function bytesOf({ file, entry, layout, dtype, vectors }: EditedTensor): Buffer {
  const bytes =
    dtype === entry.dtype ? file.bytes(entry) : Buffer.from(file.read(entry).buffer as ArrayBuffer);
  const [, columns = 1] = entry.shape;
  for (const { neuron, values } of vectors) {
    values.forEach((value, h) => {
      const i = layout === 'out-in' ? h * columns + neuron : neuron * columns + h;
      if (dtype === 'F32') bytes.writeFloatLE(value, 4 * i);
      else if (dtype === 'BF16') bytes.writeUInt16LE(toBfloat16(value), 2 * i);
      else bytes.writeUInt16LE(toHalf(value), 2 * i);
    });
  }
  return bytes;
}
