// The state of the installation: engines, versions, model, ledger.
import { isNative } from '../engine/backends/native.js';
import type { EngineReport } from '../engine/backends/report.js';
import { candidatesOf, EMULATED, leavesAlone } from '../engine/choice/candidates.js';
import { tooSmallForNative, WORTH_A_PROCESS } from '../engine/choice/choose.js';
import { type MeasuredBlas, ranked } from '../engine/choice/embedded.js';
import { errorData, InterruptedError } from '../errors.js';
import type { CachedMaps } from '../ledger/score-maps.js';
import { weightsIfReadable } from '../lm/files.js';
import type { ModelInfo } from '../lm/model-info.js';
import type { EngineChoice, EngineName } from '../spec/choices.js';
import { version } from '../version.js';
import { blasAdvice, isChosen } from './blas-advice.js';
import type { LedgerCheck } from './check-ledger.js';
import type { Control } from './context.js';
import type { Capacity, Session } from './session.js';

/** What is found; the shape that scripts read. */
export interface Diagnosis {
  healthy: boolean;
  engines: EngineReport[];
  /** Every BLAS that is here, with each of the kernels that came into question. */
  blas: (MeasuredBlas & { chosen: boolean })[];
  /** What is to be said of them, and what would be faster. */
  advice: string[];
  chosen: EngineName | null;
  reason: string;
  /** Threads that compute, and their memory; null without a model. */
  workers: Capacity | null;
  versions: Record<string, string>;
  model: Partial<ModelInfo> & { error?: string | undefined };
  ledger: LedgerCheck & {
    /** Null where none was named and the model, whose own it would be, cannot be loaded. */
    path: string | null;
    exists: boolean;
    edits: number;
    applied: number;
    /** Score maps that are kept in it; null where there are none to be read. */
    cache: CachedMaps | null;
  };
}

/** Looks at everything, and reports what is broken instead of failing on it. @throws InterruptedError when the signal fires */
export async function diagnose(session: Session, control: Control = {}): Promise<Diagnosis> {
  // The embedded backends are loaded here, where nothing else depends on them; the session's own run in its workers.
  const { inspectEngines } = await import('../engine/choice/inspect.js');
  const { engines, blas, embedded } = await inspectEngines(control.signal);
  const model = await session.model(control).catch((error: unknown) => {
    if (error instanceof InterruptedError) throw error;
    return { error: errorData(error).message } satisfies Diagnosis['model'];
  });
  const allowed = candidatesOf(session.engineChoice);
  const order = [...allowed.filter(isNative), ...ranked(allowed, embedded)];
  const reports = order.flatMap((name) => engines.filter(({ engine }) => engine === name));
  const usable = reports.find((report) => report.found && !leavesAlone(session.engineChoice, report));
  const chosen = session.engine?.engine ?? usable?.engine ?? null;
  const small = !('error' in model) && tooSmallForNative(weightsIfReadable(model.directory));
  const ledger = await inspectLedger(session, control);
  return {
    healthy: chosen !== null && !('error' in model) && ledger.complaints.length === 0,
    engines,
    blas: blas.map((one) => ({ ...one, chosen: isChosen(one, embedded) })),
    advice: blasAdvice(blas, embedded),
    chosen,
    reason: whyChosen(chosen, session.engineChoice, small, reports),
    workers: 'error' in model ? null : session.capacity,
    versions: { 'kn-edit': version(), node: process.versions.node },
    model,
    ledger,
  };
}

function whyChosen(
  chosen: EngineName | null,
  choice: EngineChoice,
  small: boolean,
  engines: readonly EngineReport[],
): string {
  if (chosen === null) return 'no engine could be started';
  if (choice !== 'auto') return 'asked for with --engine';
  const better = engines.slice(
    0,
    engines.findIndex(({ engine }) => engine === chosen),
  );
  if (better.length === 0) return 'the fastest there is';
  // One that works and was left alone is native.
  const why = small
    ? `works, and pays from ${WORTH_A_PROCESS / 1e6} MB of weights on`
    : 'works, but multiplies more slowly than all workers together';
  const reasons = better.map(({ engine, found, detail, emulated }) => {
    if (!found) return `${engine}: ${detail}`;
    return `${engine}: ${emulated ? `works, but ${EMULATED}` : why}`;
  });
  return `the fastest for this model; ${reasons.join('; ')}`;
}

async function inspectLedger(session: Session, control: Control): Promise<Diagnosis['ledger']> {
  const nothing = { exists: false, edits: 0, applied: 0, cache: null, complaints: [], replayed: false };
  try {
    const found = await session.checkLedger(control);
    const path = session.db ?? null;
    if (!found) return { path, ...nothing };
    return { path, exists: true, ...contentsOf(session), ...found };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    const path = session.db ?? null;
    const { message } = errorData(error);
    return path === null
      ? { path, ...nothing }
      : { path, ...nothing, exists: true, complaints: [message.replace(`${path}: `, '')] };
  }
}

/** What is in a ledger, as far as it can be read; what cannot is among the complaints then. */
function contentsOf(session: Session): Pick<Diagnosis['ledger'], 'edits' | 'applied' | 'cache'> {
  try {
    const edits = session.history();
    const applied = edits.filter(({ status }) => status === 'applied').length;
    return { edits: edits.length, applied, cache: session.cache() ?? null };
  } catch {
    return { edits: 0, applied: 0, cache: null };
  }
}
