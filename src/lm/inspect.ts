// What a checkpoint directory holds, told from its configuration and the headers of its weights: no weight is read.
import { statSync } from 'node:fs';
import { Checkpoint } from './checkpoint.js';
import { TOKENIZER } from './files.js';
import type { Sizes } from './model-info.js';
import type { Dtype } from './safetensors.js';

/** A checkpoint that can be loaded; plain data. */
export interface Inspection extends Sizes {
  family: string;
  /** Elements of all tensors of the weights. */
  parameters: number;
  /** How most of them are stored. */
  dtype: Dtype;
  /** Bytes of their files on disk. */
  bytes: number;
}

/**
 * Inspects a checkpoint directory.
 * @throws InputError when a file is missing or damaged, or the architecture is not supported
 */
export function inspectCheckpoint(directory: string): Inspection {
  const checkpoint = Checkpoint.open(directory);
  try {
    checkpoint.file(TOKENIZER);
    const elements = new Map<Dtype, number>();
    for (const { dtype, shape } of checkpoint.tensors) {
      elements.set(dtype, (elements.get(dtype) ?? 0) + shape.reduce((product, n) => product * n, 1));
    }
    const [dtype = 'F32'] = [...elements].sort(([, a], [, b]) => b - a)[0] ?? [];
    return {
      family: checkpoint.family.type,
      ...checkpoint.design.sizes,
      parameters: [...elements.values()].reduce((sum, n) => sum + n, 0),
      dtype,
      bytes: checkpoint.weightFiles.reduce((sum, name) => sum + statSync(checkpoint.file(name)).size, 0),
    };
  } finally {
    checkpoint.close();
  }
}
