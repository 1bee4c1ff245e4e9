// Grouping prompts into batches that one forward pass can take: equally long (so no padding), not too many rows.

/** Rows (prompts x tokens) of one batch: bounds the memory of a forward pass. */
const MAX_ROWS = 2048;

/**
 * Indices of the prompts, batch by batch.
 * @param most prompts of one batch, by their length
 */
export function batches(
  prompts: readonly { readonly ids: readonly number[] }[],
  most = (length: number) => Math.floor(MAX_ROWS / length),
): number[][] {
  const byLength = new Map<number, number[]>();
  prompts.forEach(({ ids }, index) => {
    const indices = byLength.get(ids.length);
    if (indices) indices.push(index);
    else byLength.set(ids.length, [index]);
  });
  return [...byLength].flatMap(([length, indices]) => {
    const size = Math.max(1, most(length));
    return Array.from({ length: Math.ceil(indices.length / size) }, (_, i) =>
      indices.slice(i * size, (i + 1) * size),
    );
  });
}
