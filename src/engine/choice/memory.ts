// How much memory a model takes at work, and so how many workers a machine can hold.
import { InputError } from '../../errors.js';
import type { WeightBytes } from '../../lm/files.js';
import { BATCH_BYTES } from '../../locate/budget.js';
import type { EngineName } from '../../spec/choices.js';
import { isNative } from '../backends/native.js';
import { availableMemory } from './available.js';

/** A thread with its JavaScript heap, the engine's code, and what it needs beside weights and batches. */
const RUNTIME_BYTES = 50e6;
/** What libtensorflow takes on top of that. */
const LIBRARY_BYTES = 500 * 2 ** 20;
/** Share of the available memory that is left to others. */
export const RESERVE = 0.2;

/** Whether an engine reads weights as they are stored, where all its workers share them. */
function sharesWeights(engine: EngineName): boolean {
  return engine.startsWith('wasm');
}

/** What all workers together take for the weights, in bytes: as they are stored, or in F32. */
export function weightsOf(engine: EngineName, { stored, floats }: WeightBytes): number {
  return sharesWeights(engine) ? stored : floats;
}

/**
 * An estimate of what each worker takes besides, at its peak, in bytes.
 * @param batch bytes of its largest batch
 */
export function workerBytes(engine: EngineName, batch = BATCH_BYTES): number {
  return RUNTIME_BYTES + batch + (isNative(engine) ? LIBRARY_BYTES : 0);
}

/**
 * How many workers fit into the memory that is available now; none where it has less than one takes.
 * @param each bytes that one of them takes
 */
export function workersThatFit(engine: EngineName, weights: WeightBytes, each = workerBytes(engine)): number {
  const available = availableMemory();
  const shared = weightsOf(engine, weights);
  if (shared + each > available) return 0;
  return Math.max(1, Math.floor(((1 - RESERVE) * available - shared) / each));
}

/** Before gigabytes are read. @throws InputError when the weights of a model are more than the memory that is available */
export function requireMemory(model: string, engine: EngineName, weights: WeightBytes): void {
  const available = availableMemory();
  const bytes = weightsOf(engine, weights);
  if (bytes <= available) return;
  const gigabytes = (count: number) => `${(count / 1e9).toFixed(1)} GB`;
  throw new InputError(
    `${model}: its weights take ${gigabytes(bytes)}; this machine has ${gigabytes(available)} of memory available`,
  );
}
