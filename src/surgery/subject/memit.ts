// What a rewrite that spreads over layers (MEMIT, Meng et al. 2023) weighs. Light: planning needs it without the tensors.

/**
 * MEMIT's weight of C, for each neuron of the layer: 15,000 in GPT-J, where F is 16,384. Over real text, k'C^-1k is F in the
 * mean, so that a common key is met by half, whatever the model's width.
 */
export const MEMIT_LAMBDA = 15_000 / 16_384;
