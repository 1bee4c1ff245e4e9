// How the weight of a linear layer lies in a checkpoint.

/** PyTorch's Linear is [out, in], GPT-2's Conv1D [in, out]. */
export type Layout = 'out-in' | 'in-out';
