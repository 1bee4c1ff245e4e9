// The native engines that a choice allows: which of them work here, can hold the model, and how fast they are.
import { largestWeightBytes } from '../../lm/files.js';
import type { EngineChoice } from '../../spec/choices.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { tryApart } from './apart.js';
import { candidatesOf } from './candidates.js';

/** What was found of the native engines. */
export interface NativeEngines {
  /** Undefined where none serves. */
  fastest: EngineReport | undefined;
  /** Those that do not serve, and why. */
  failures: EngineReport[];
}

/**
 * Tries each native engine in a process of its own.
 * @param model its directory, or its GGUF file
 * @throws InterruptedError when the signal fires
 */
export async function tryNative(
  choice: EngineChoice,
  model: string,
  signal?: AbortSignal,
): Promise<NativeEngines> {
  const serving: EngineReport[] = [];
  const failures: EngineReport[] = [];
  for (const engine of candidatesOf(choice).filter(isNative)) {
    const report = await tryApart(engine, signal);
    const reason = report.found ? unfit(report, choice, model) : report.detail;
    if (reason === undefined) serving.push(report);
    else failures.push({ ...report, found: false, detail: reason });
  }
  serving.sort((one, other) => (other.gflops ?? 0) - (one.gflops ?? 0));
  return { fastest: serving[0], failures };
}

/** Why an engine that works does not serve. */
function unfit(
  { largestMatrixBytes: largest = Number.POSITIVE_INFINITY, emulated }: EngineReport,
  choice: EngineChoice,
  model: string,
): string | undefined {
  if (choice === 'auto' && emulated) return EMULATED;
  const bytes = largestOf(model);
  if (bytes <= largest) return undefined;
  const [needed, limit] = [bytes, largest].map((size) => `${(size / 1e9).toFixed(2)} GB`);
  return (
    `the largest matrix of ${model} takes ${needed} in F32, and its device binds ${limit} at most ` +
    '(maxStorageBufferBindingSize)'
  );
}

export const EMULATED = 'its device is emulated by the processor';

function largestOf(model: string): number {
  try {
    return largestWeightBytes(model);
  } catch {
    return 0; // what is wrong with the checkpoint is the worker's to say
  }
}
