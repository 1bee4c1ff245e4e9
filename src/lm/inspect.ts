// What a checkpoint holds, told from its configuration and the headers of its weights; and whether the rest of
// it can be loaded.
import { statSync } from 'node:fs';
import { Checkpoint } from './checkpoint.js';
import { modelFiles } from './files.js';
import type { Sizes } from './model-info.js';

/** A checkpoint that can be loaded; plain data. */
export interface Inspection extends Sizes {
  family: string;
  /** Elements of all tensors of the weights. */
  parameters: number;
  /** How most of them are stored. */
  dtype: string;
  /** Bytes of their files on disk. */
  bytes: number;
  /** How it is read where its files contradict each other. */
  notes: string[];
}

/**
 * Inspects a checkpoint.
 * @throws InputError when a file is missing or damaged, or the architecture is not supported
 */
export function inspectCheckpoint(directory: string): Inspection {
  const checkpoint = Checkpoint.open(directory);
  try {
    const { weights } = modelFiles(directory);
    const elements = new Map<string, number>();
    for (const { dtype, shape } of checkpoint.tensors) {
      elements.set(dtype, (elements.get(dtype) ?? 0) + shape.reduce((product, n) => product * n, 1));
    }
    const [dtype = 'F32'] = [...elements].sort(([, a], [, b]) => b - a)[0] ?? [];
    return {
      family: checkpoint.family.type,
      ...checkpoint.design.sizes,
      parameters: [...elements.values()].reduce((sum, n) => sum + n, 0),
      dtype,
      notes: checkpoint.notes,
      bytes: weights.reduce((sum, path) => sum + statSync(path).size, 0),
    };
  } finally {
    checkpoint.close();
  }
}

/**
 * Inspects all of a checkpoint: its tokenizer too, and every weight.
 * @throws InputError when loading would
 */
export async function inspectThoroughly(directory: string, signal?: AbortSignal): Promise<Inspection> {
  const inspection = inspectCheckpoint(directory);
  const checkpoint = Checkpoint.open(directory);
  try {
    const { notes } = checkpoint.tokenizer();
    await checkpoint.verify(signal);
    return { ...inspection, notes: [...inspection.notes, ...notes] };
  } finally {
    checkpoint.close();
  }
}
