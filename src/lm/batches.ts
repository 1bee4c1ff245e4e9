// Grouping prompts into batches that one forward pass can take: equally long (so no padding), not too many rows.
import type { Sequence } from './prompt.js';

/** Rows (prompts x tokens) of one batch: bounds the memory of a forward pass. */
const MAX_ROWS = 2048;

/** Indices of the prompts, batch by batch. */
export function batches(prompts: readonly Sequence[]): number[][] {
  const byLength = new Map<number, number[]>();
  prompts.forEach(({ ids }, index) => {
    byLength.set(ids.length, [...(byLength.get(ids.length) ?? []), index]);
  });
  return [...byLength].flatMap(([length, indices]) => {
    const most = Math.max(1, Math.floor(MAX_ROWS / length));
    return Array.from({ length: Math.ceil(indices.length / most) }, (_, i) =>
      indices.slice(i * most, (i + 1) * most),
    );
  });
}
