// Memory in which all threads read a checkpoint's matrices: whichever comes first fills it.
import { threadId } from 'node:worker_threads';
import { openWeights } from './files.js';
import type { TensorEntry, WeightFile } from './weight-file.js';

/** What has become of it; from 2 on, it is being filled by the thread of that number less 2. */
const [EMPTY, FULL, FILLING] = [0, 1, 2];
/** Before the tensors; also where each of them starts. */
const ALIGNMENT = 64;

export class WeightStore {
  private readonly state: Int32Array;

  /** @param buffer of another thread's store */
  constructor(readonly buffer: SharedArrayBuffer) {
    this.state = new Int32Array(buffer, 0, 1);
  }

  /** An empty one that is large enough. @param model a directory, or a GGUF file. @throws InputError as `openWeights` */
  static for(model: string): WeightStore {
    const { shards } = openWeights(model);
    for (const shard of shards) shard.close();
    return WeightStore.large(shards);
  }

  /** An empty one for the tensors of these files. The system gives it memory as it is filled. */
  static large(files: readonly WeightFile[]): WeightStore {
    return new WeightStore(new SharedArrayBuffer(placesOf(files).bytes));
  }

  /** Fills it, unless another thread has; waits for one that is about it. @throws what `fill` throws */
  once(fill: () => void): void {
    const own = FILLING + threadId;
    for (;;) {
      const before = Atomics.compareExchange(this.state, 0, EMPTY, own);
      if (before === FULL) return;
      if (before !== EMPTY) {
        Atomics.wait(this.state, 0, before);
        continue;
      }
      try {
        fill();
      } catch (error) {
        this.end(own, EMPTY);
        throw error;
      }
      this.end(own, FULL);
    }
  }

  /** Has the next thread begin anew if the one that was filling it has ended. @param living the threads that have not */
  abandon(living: readonly number[]): void {
    const state = Atomics.load(this.state, 0);
    if (state >= FILLING && !living.includes(state - FILLING)) this.end(state, EMPTY);
  }

  private end(filling: number, state: number): void {
    Atomics.compareExchange(this.state, 0, filling, state);
    Atomics.notify(this.state, 0);
  }
}

/** Where each tensor of some files has its place in a store, and how large that is. The same in every thread. */
export function placesOf(files: readonly WeightFile[]): {
  places: ReadonlyMap<TensorEntry, number>;
  bytes: number;
} {
  const places = new Map<TensorEntry, number>();
  let end = ALIGNMENT;
  for (const { tensors } of files) {
    for (const entry of tensors.values()) {
      places.set(entry, end);
      end += Math.ceil(entry.bytes / ALIGNMENT) * ALIGNMENT;
    }
  }
  return { places, bytes: end };
}
