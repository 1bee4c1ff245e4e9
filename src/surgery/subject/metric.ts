// How much each direction of a layer's activations matters: C = E[a a^T] over real text, of which one half is kept.

/** A symmetric matrix [F, F] by its upper triangle, row by row: (0,0) (0,1) ... (0,F-1) (1,1) ... */
export interface Metric {
  /** F */
  size: number;
  /** [F (F + 1) / 2] */
  upper: Float32Array;
}

/** Where row i of the triangle begins, less i: entry (i, j >= i) stands at that and j. */
function startOf(size: number, i: number): number {
  return i * size - (i * (i + 1)) / 2;
}

/** Entry (i, j). */
export function entryOf({ size, upper }: Metric, i: number, j: number): number {
  return upper[startOf(size, Math.min(i, j)) + Math.max(i, j)] ?? 0;
}

/** Row i of the whole matrix [F]. */
export function rowOf({ size, upper }: Metric, i: number): Float64Array {
  const row = new Float64Array(size);
  for (let j = 0; j < i; j++) row[j] = upper[startOf(size, j) + i] ?? 0;
  const start = startOf(size, i);
  for (let j = i; j < size; j++) row[j] = upper[start + j] ?? 0;
  return row;
}

/** The mean of the diagonal: what a neuron's squared activation is, in the mean. */
export function meanDiagonal(metric: Metric): number {
  let sum = 0;
  for (let i = 0; i < metric.size; i++) sum += entryOf(metric, i, i);
  return sum / metric.size;
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
