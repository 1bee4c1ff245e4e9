// What is said of an engine: whether it is to be had here, and how fast it is.
import type { EngineName } from '../../spec/choices.js';

/** What an engine is no good for. */
export interface Limits {
  /** The largest matrix that it can work with, in bytes; undefined where memory is the only limit. */
  largestMatrixBytes?: number | undefined;
  /** Whether the processor emulates its device: right, and slow. `auto` never takes it. */
  emulated?: boolean | undefined;
}

export interface EngineReport extends Limits {
  engine: EngineName;
  found: boolean;
  /** Version where found, reason where not. */
  detail: string;
  /** Billions of floating-point operations a second in matrix products, where that was measured. */
  gflops?: number | undefined;
}
