// The little linear algebra that solved rewrites need, in double precision.

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Adds `weight * R^T R` to `m` [k, k], for rows R [n, k]. */
export function addGram(m: Float64Array, rows: Float64Array, k: number, weight: number): void {
  for (let start = 0; start < rows.length; start += k) {
    for (let i = 0; i < k; i++) {
      const a = weight * (rows[start + i] ?? 0);
      if (a === 0) continue;
      for (let j = 0; j < k; j++) m[i * k + j] = (m[i * k + j] ?? 0) + a * (rows[start + j] ?? 0);
    }
  }
}

/**
 * Solves `M x = b` for a symmetric positive definite M by Cholesky factorisation.
 * @param m [k, k], row by row
 * @param b [k]
 * @returns x [k]
 * @throws RangeError when M is not positive definite
 */
export function solvePositiveDefinite(m: Float64Array, b: Float64Array, k: number): Float64Array {
  const l = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m[i * k + j] ?? 0;
      for (let p = 0; p < j; p++) sum -= (l[i * k + p] ?? 0) * (l[j * k + p] ?? 0);
      if (i !== j) l[i * k + j] = sum / (l[j * k + j] ?? 0);
      else if (sum > 0) l[i * k + i] = Math.sqrt(sum);
      else throw new RangeError('matrix is not positive definite');
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) x[i] = (x[i] ?? 0) - (l[i * k + j] ?? 0) * (x[j] ?? 0);
    x[i] = (x[i] ?? 0) / (l[i * k + i] ?? 1);
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let j = i + 1; j < k; j++) x[i] = (x[i] ?? 0) - (l[j * k + i] ?? 0) * (x[j] ?? 0);
    x[i] = (x[i] ?? 0) / (l[i * k + i] ?? 1);
  }
  return x;
}

/** Ridge (eps) of a solved rewrite, relative to the mean of the diagonal. */
export const RIDGE = 1e-3;

/** Some columns of a matrix of rows of `width` [n, width] -> [n, k]. */
export function columnsOf(
  matrix: ArrayLike<number>,
  width: number,
  columns: readonly number[],
): Float64Array {
  const k = columns.length;
  const n = width === 0 ? 0 : matrix.length / width;
  return Float64Array.from({ length: n * k }, (_, i) => {
    return matrix[Math.floor(i / k) * width + (columns[i % k] ?? 0)] ?? 0;
  });
}

/** Some rows of a matrix [n, k] -> [k, k]. */
export function rowsOf(matrix: Float64Array, rows: readonly number[]): Float64Array {
  const k = rows.length;
  return Float64Array.from(
    { length: k * k },
    (_, i) => matrix[(rows[Math.floor(i / k)] ?? 0) * k + (i % k)] ?? 0,
  );
}

/** The matrix [k, k] with the ridge on its diagonal. */
export function ridged(m: Float64Array, k: number): Float64Array {
  let diagonal = 0;
  for (let i = 0; i < k; i++) diagonal += (m[i * k + i] ?? 0) / k;
  for (let i = 0; i < k; i++) m[i * k + i] = (m[i * k + i] ?? 0) + RIDGE * diagonal + Number.MIN_VALUE;
  return m;
}
