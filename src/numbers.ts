// Of lists of numbers, however long: the largest, the smallest, the norm, whether all are finite; of sets, how far they agree.
// (`Math.max`, `Math.min` and `Math.hypot` take no more than a call can have arguments.)

/** The largest of some numbers, NaN when one of them is that. @param least what it is at least, even of none */
export function largest(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let found = least;
  for (const value of values) found = Math.max(found, value);
  return found;
}

/** The smallest of some numbers, NaN when one of them is that; infinite when there are none. */
export function smallest(values: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY;
  for (const value of values) found = Math.min(found, value);
  return found;
}

/**
 * The Euclidean norm of a vector, to the very bit what `Math.hypot` makes of its components: edits are replayed with it.
 * (Components are scaled by the largest, and their squares summed with Kahan's compensation.)
 */
export function norm(vector: Float32Array): number {
  let most = 0;
  for (const x of vector) {
    const size = Math.abs(x);
    if (size === Number.POSITIVE_INFINITY) return size; // even beside a NaN
    most = Math.max(most, size);
  }
  if (!(most > 0)) return most;
  let sum = 0;
  let compensation = 0;
  for (const x of vector) {
    const scaled = Math.abs(x) / most;
    const summand = scaled * scaled - compensation;
    const next = sum + summand;
    compensation = next - sum - summand;
    sum = next;
  }
  return Math.sqrt(sum) * most;
}

/** Whether all values are finite. One pass: x * 0 is 0 for every finite x, and NaN for all others. */
export function allFinite(values: ArrayLike<number>): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? 0) * 0;
  return sum === 0;
}

/**
 * Mean Jaccard overlap |A ∩ B| / |A ∪ B| over all pairs of sets; pairs of empty sets agree on nothing.
 * @returns 1 where there is no pair
 */
export function meanOverlap(sets: readonly ReadonlySet<string>[]): number {
  const overlaps = sets.flatMap((a, i) =>
    sets.slice(i + 1).map((b) => {
      const shared = [...a].filter((key) => b.has(key)).length;
      return shared / Math.max(1, a.size + b.size - shared);
    }),
  );
  return overlaps.length > 0 ? overlaps.reduce((sum, one) => sum + one, 0) / overlaps.length : 1;
}

/** The mean of some rows: [n, width] to [width]. */
export function meanRow(rows: ArrayLike<number>, width: number): Float64Array {
  const mean = new Float64Array(width);
  const count = rows.length / width;
  for (let i = 0; i < rows.length; i++) mean[i % width] = (mean[i % width] ?? 0) + (rows[i] ?? 0) / count;
  return mean;
}
