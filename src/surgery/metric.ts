// How much each direction of a layer's activations matters: M = C + K^T K, of C = E[a a^T] over real text, of which one half
// is kept, and of the keys K of what is held.
import { addGram, columnsOf } from './linear-algebra.js';

/** A symmetric matrix [F, F]. */
export interface Metric {
  /** F */
  size: number;
  /** The upper triangle of C, row by row: (0,0) (0,1) ... (0,F-1) (1,1) ... [F (F + 1) / 2]; empty where C is left out */
  upper: Float32Array;
  /** Groups of keys [n, F], weighed already. */
  held?: readonly Float32Array[];
}

/** The metric with a further group of keys [n, F] in it: groups weigh the same whatever their size. */
export function holding(metric: Metric, keys: Float32Array): Metric {
  const { size, held = [] } = metric;
  const weight = Math.sqrt(size / Math.max(1, keys.length)); // of a row, squared: 1 / n
  return { ...metric, held: [...held, keys.map((value) => weight * value)] };
}

/** Where row i of the triangle begins, less i: entry (i, j >= i) stands at that and j. */
function startOf(size: number, i: number): number {
  return i * size - (i * (i + 1)) / 2;
}

/** Row i [F]. */
export function rowOf({ size, upper, held = [] }: Metric, i: number): Float64Array {
  const row = new Float64Array(size);
  for (let j = 0; j < i; j++) row[j] = upper[startOf(size, j) + i] ?? 0;
  const start = startOf(size, i);
  for (let j = i; j < size; j++) row[j] = upper[start + j] ?? 0;
  for (const keys of held) {
    for (let from = 0; from < keys.length; from += size) {
      const own = keys[from + i] ?? 0;
      if (own !== 0) for (let j = 0; j < size; j++) row[j] = (row[j] ?? 0) + own * (keys[from + j] ?? 0);
    }
  }
  return row;
}

/** The diagonal [F]. */
export function diagonalOf({ size, upper, held = [] }: Metric): Float64Array {
  const diagonal = Float64Array.from({ length: size }, (_, i) => upper[startOf(size, i) + i] ?? 0);
  for (const keys of held) {
    keys.forEach((value, at) => {
      diagonal[at % size] = (diagonal[at % size] ?? 0) + value * value;
    });
  }
  return diagonal;
}

/** What it says of some neurons [u, u]. */
export function partOf({ size, upper, held = [] }: Metric, neurons: readonly number[]): Float64Array {
  const u = neurons.length;
  const part = new Float64Array(u * u);
  neurons.forEach((a, i) => {
    neurons.forEach((b, j) => {
      part[i * u + j] = upper[startOf(size, Math.min(a, b)) + Math.max(a, b)] ?? 0;
    });
  });
  for (const keys of held) addGram(part, columnsOf(keys, size, neurons), u, 1);
  return part;
}

/** The upper triangle of a matrix [F, F]. */
export function upperOf(matrix: ArrayLike<number>, size: number): Float32Array {
  const upper = new Float32Array((size * (size + 1)) / 2);
  let at = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) upper[at++] = matrix[i * size + j] ?? 0;
  }
  return upper;
}

/** The second moments of a layer's activations over some rows. */
export interface Covariance {
  /** Upper triangle of the mean of a a^T, row by row [F (F + 1) / 2]. */
  upper: Float32Array;
  /** Positions over which the mean was taken. */
  rows: number;
}

/** The mean over the rows of all parts. */
export function pooled(parts: readonly Covariance[]): Covariance {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const sums = new Float64Array(parts[0]?.upper.length ?? 0);
  for (const part of parts) {
    const share = part.rows / Math.max(1, rows);
    part.upper.forEach((value, i) => {
      sums[i] = (sums[i] ?? 0) + share * value;
    });
  }
  return { upper: Float32Array.from(sums), rows };
}
