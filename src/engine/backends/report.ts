// What is said of an engine: whether it is to be had here, and how fast it is.
import type { EngineName } from '../../spec/choices.js';

export interface EngineReport {
  engine: EngineName;
  found: boolean;
  /** Version where found, reason where not. */
  detail: string;
  /** Billions of floating-point operations a second in matrix products, where that was measured. */
  gflops?: number | undefined;
}
