// How edited value vectors are stored: in the type of their tensors or, where the values do not fit that and it is asked
// for, in F32. Types of GGUF that share a scale among values cannot hold others; a matrix of such a type is stored plain.
import { basename } from 'node:path';
import { InputError } from '../errors.js';
import { largest, norm } from '../numbers.js';
import { columnsOf, type EditedTensor, type Vector } from './edited-tensor.js';
import { extendOverlay, NO_OVERLAY, type Overlay, overlayVectors } from './overlay.js';
import type { ValueMatrix } from './parts.js';
import { isPlain, type PlainType, rounded } from './plain-types.js';
import type { WeightFile } from './weight-file.js';

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
      .map(({ file, entry, dtype }) => ({ tensor: file.ownName(entry.name), from: entry.dtype, to: dtype })),
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
      `${file.path}: tensor "${file.ownName(entry.name)}" is ${entry.dtype}, which cannot hold ${misfit.value.toPrecision(4)}, ` +
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

function roundedTo(dtype: PlainType, vectors: readonly Vector[]): Vector[] {
  return vectors.map(({ neuron, values }) => ({
    neuron,
    values: values.map((value) => rounded(dtype, value)),
  }));
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
