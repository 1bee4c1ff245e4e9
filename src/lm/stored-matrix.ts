// A matrix of weights as it lies in its file: outside the engine's memory, in the file's own type, shared by all threads.
import { type StoredType, typeNamed } from './stored-types.js';

/** Plain data, which can be sent to other threads: they then read the same bytes. */
export interface StoredMatrix {
  /** From its first value on; of a part of another matrix, the bytes between its rows lie here too. */
  bytes: Uint8Array<SharedArrayBuffer>;
  /** Name of a type of `STORED_TYPES`; rows have whole blocks. */
  dtype: string;
  rows: number;
  columns: number;
  /** Values from the start of a row to the start of the next. */
  stride: number;
}

/** The kernel that multiplies by a stored matrix: what engines implement that can read it where it lies. */
export const STORED_PRODUCT = 'KnEditStoredProduct';

/**
 * Its attributes: M [I, O], or [O, I] where transposed. The inputs are x [R, I] and, where there is one, bias [O]; the
 * result is [R, O].
 */
export interface StoredProduct extends StoredMatrix {
  /** x M^T, else x M. */
  transposed: boolean;
}

/** The attributes, as an engine is handed them. @throws TypeError when they are others */
export function storedProductIn(attributes: object | undefined): StoredProduct {
  const { bytes, dtype, rows, columns, stride, transposed }: Partial<StoredProduct> = attributes ?? {};
  if (
    bytes instanceof Uint8Array &&
    typeof dtype === 'string' &&
    typeof rows === 'number' &&
    typeof columns === 'number' &&
    typeof stride === 'number' &&
    typeof transposed === 'boolean'
  ) {
    return { bytes, dtype, rows, columns, stride, transposed };
  }
  throw new TypeError(`${STORED_PRODUCT} lacks its matrix, or how that is to be read`);
}

/**
 * Values of a type as a matrix of their own, in memory that threads can share.
 * @param values the bytes of [rows, stride]
 */
export function storedCopy(
  values: Uint8Array,
  dtype: string,
  [rows, columns]: readonly [number, number],
  stride = columns,
): StoredMatrix {
  const bytes = new Uint8Array(new SharedArrayBuffer(values.length));
  bytes.set(values);
  return { bytes, dtype, rows, columns, stride };
}

/** The same of float32. @param values [rows * columns] */
export function storedFloats(
  { buffer, byteOffset, byteLength }: Float32Array,
  shape: readonly [number, number],
): StoredMatrix {
  return storedCopy(new Uint8Array(buffer, byteOffset, byteLength), 'F32', shape);
}

/** Rows in a row (axis 0), or columns (axis 1). @throws RangeError where columns would cut a block */
export function partOf(matrix: StoredMatrix, first: number, count: number, axis: 0 | 1): StoredMatrix {
  const { bytes, stride } = matrix;
  const start = bytesOf(typeNamed(matrix.dtype), axis === 0 ? first * stride : first);
  const part = axis === 0 ? { ...matrix, rows: count } : { ...matrix, columns: count };
  return { ...part, bytes: bytes.subarray(start, start + extentOf(part)) };
}

/** Some rows [n, columns], or columns [n, rows]. */
export function pickedFrom(matrix: StoredMatrix, numbers: readonly number[], axis: 0 | 1): Float32Array {
  const { rows, columns } = matrix;
  const width = axis === 0 ? columns : rows;
  const picked = new Float32Array(numbers.length * width);
  if (axis === 0) {
    numbers.forEach((row, i) => {
      picked.set(valuesAt(matrix, row, 0, columns), i * width);
    });
    return picked;
  }
  const { values: each } = typeNamed(matrix.dtype);
  for (let row = 0; row < rows; row++) {
    numbers.forEach((column, i) => {
      const from = column - (column % each); // its block's
      picked[i * width + row] = valuesAt(matrix, row, from, each)[column - from] ?? 0;
    });
  }
  return picked;
}

/** All values [rows * columns]. */
export function floatsIn(matrix: StoredMatrix): Float32Array {
  return pickedFrom(
    matrix,
    Array.from({ length: matrix.rows }, (_, row) => row),
    0,
  );
}

/** Values of a row, from whole blocks. */
function valuesAt(
  { bytes, dtype, stride }: StoredMatrix,
  row: number,
  first: number,
  count: number,
): Float32Array {
  const type = typeNamed(dtype);
  const start = bytes.byteOffset + bytesOf(type, row * stride + first);
  return type.decode(Buffer.from(bytes.buffer, start, bytesOf(type, count)));
}

/** From the first value to the end of the last row. */
function extentOf({ dtype, rows, columns, stride }: StoredMatrix): number {
  return rows === 0 ? 0 : bytesOf(typeNamed(dtype), (rows - 1) * stride + columns);
}

/** Bytes of values in whole blocks. @throws RangeError where they are not */
function bytesOf({ name, values, bytes }: StoredType, count: number): number {
  if (count % values !== 0) throw new RangeError(`${count} values are no whole blocks of ${name}`);
  return (count / values) * bytes;
}
