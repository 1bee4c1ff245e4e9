// The memory that attribution may take for a batch.

/**
 * What one batch of points keeps between its forward and its backward pass, in bytes. Large enough for the matrix
 * products to be efficient; larger ones are not faster.
 */
export const BATCH_BYTES = 128 * 2 ** 20;
