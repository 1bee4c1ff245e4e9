// The memory that attribution may take.

/**
 * What one batch of points keeps between its forward and its backward pass, in bytes. Large enough for the matrix
 * products to be efficient; larger ones are not faster.
 */
export const BATCH_BYTES = 128 * 2 ** 20;

/** What the head works with at a time: its rows are as wide as the vocabulary. */
export const HEAD_BYTES = BATCH_BYTES / 4;
