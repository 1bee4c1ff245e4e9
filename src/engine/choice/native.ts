// The native engines that a choice allows: which of them work here, can hold the model, and how fast they are.
import type { FileBytes } from '../../lm/files.js';
import type { EngineChoice } from '../../spec/choices.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { tryApart } from './apart.js';
import { candidatesOf, EMULATED, leavesAlone } from './candidates.js';

/** A model, before anything of it is loaded. */
export interface SizedModel {
  /** Its directory, or its GGUF file. */
  path: string;
  /** Undefined where they cannot be read. */
  weights: FileBytes | undefined;
}

/** What was found of the native engines. */
export interface NativeEngines {
  /** Undefined where none serves. */
  fastest: EngineReport | undefined;
  /** Those that do not serve, and why. */
  failures: EngineReport[];
}

/**
 * Tries each native engine in a process of its own.
 * @throws InterruptedError when the signal fires
 */
export async function tryNative(
  choice: EngineChoice,
  model: SizedModel,
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
  report: EngineReport,
  choice: EngineChoice,
  { path, weights }: SizedModel,
): string | undefined {
  if (leavesAlone(choice, report)) return EMULATED;
  const { largestMatrixBytes: most = Number.POSITIVE_INFINITY } = report;
  if (!weights || weights.largest <= most) return undefined;
  const [needed, limit] = [weights.largest, most].map((size) => `${(size / 1e9).toFixed(2)} GB`);
  return (
    `the largest matrix of ${path} takes ${needed} in F32, and its device binds ${limit} at most ` +
    '(maxStorageBufferBindingSize)'
  );
}
