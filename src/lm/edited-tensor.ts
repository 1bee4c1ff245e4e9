// A matrix of value vectors of which some are others: its values, and its bytes as they are written.
import type { Layout } from './layout.js';
import { bytesEach, encoded, type PlainType, put } from './plain-types.js';
import type { PortableTensor, TensorEntry, WeightFile } from './weight-file.js';

/** A vector that a matrix is to hold. */
export interface Vector {
  neuron: number;
  values: Float32Array;
}

/** A tensor with other value vectors. */
export interface EditedTensor {
  file: WeightFile;
  entry: TensorEntry;
  layout: Layout;
  /** The type that it is written in. */
  dtype: PlainType;
  vectors: Vector[];
}

/** Every vector of a matrix, with the edited ones in place. */
export function columnsOf(tensor: EditedTensor): Vector[] {
  const values = editedValues(tensor);
  const [rows = 0, columns = 0] = tensor.entry.shape;
  const [count, width] = tensor.layout === 'out-in' ? [columns, rows] : [rows, columns];
  return Array.from({ length: count }, (_, neuron) => {
    const vector = new Float32Array(width);
    for (let h = 0; h < width; h++) vector[h] = values[placeOf(tensor, neuron, h)] ?? 0;
    return { neuron, values: vector };
  });
}

/** An edited tensor as it is written. */
export function portable(tensor: EditedTensor): PortableTensor & { dtype: PlainType } {
  const { entry, dtype } = tensor;
  const bytes = entry.shape.reduce((product, n) => product * n, bytesEach(dtype));
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
