// A matrix of weights as it lies in its file: outside the engine's memory, in the file's own type, shared by all threads.

/** Plain data, which can be sent to other threads: they then read the same bytes. */
export interface StoredMatrix {
  /** From its first value on; of a part of another matrix, the bytes between its rows lie here too. */
  bytes: Uint8Array<SharedArrayBuffer>;
  /** Name of a type of `BLOCK_TYPES`; rows have whole blocks. */
  dtype: string;
  rows: number;
  columns: number;
  /** Values from the start of a row to the start of the next. */
  stride: number;
}

/** The kernel that multiplies by a stored matrix: what engines implement that can read it where it lies. */
export const STORED_PRODUCT = 'StoredProduct';

/** Its attributes. The inputs are x [R, I] and, where there is one, bias [O]; the result is [R, O]. */
export interface StoredProduct {
  /** M [I, O], or [O, I] where transposed. */
  matrix: StoredMatrix;
  /** x M^T, else x M. */
  transposed: boolean;
}
