// The state of the installation: engines, versions, model, ledger.
import { existsSync } from 'node:fs';
import { candidatesOf, tooSmallForNative, WORTH_A_PROCESS } from '../engine/choose.js';
import type { EngineChoice, EngineName, EngineReport } from '../engine/engine.js';
import { errorData } from '../errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import type { Control } from './context.js';
import type { Session } from './session.js';
import { version } from './versions.js';

/** What is found; the shape that scripts read. */
export interface Diagnosis {
  healthy: boolean;
  engines: EngineReport[];
  chosen: EngineName | null;
  reason: string;
  /** Threads that compute, and the memory of each (an estimate, in bytes); null without a model. */
  workers: { count: number; bytes: number } | null;
  versions: Record<string, string>;
  model: Partial<ModelInfo> & { error?: string | undefined };
  ledger: { path: string; exists: boolean; edits: number; applied: number; complaints: string[] };
}

/** Looks at everything, and reports what is broken instead of failing on it. */
export async function diagnose(session: Session, control: Control = {}): Promise<Diagnosis> {
  // The embedded backends are loaded here, where nothing else depends on them; the session's own run in its workers.
  const { inspectEngines } = await import('../engine/engine.js');
  const engines = await inspectEngines(control.signal);
  const model = await session
    .model(control)
    .catch((error: unknown) => ({ error: errorData(error).message }) satisfies Diagnosis['model']);
  const allowed = candidatesOf(session.engineChoice);
  const usable = engines.find(({ engine, found }) => found && allowed.includes(engine));
  const chosen = session.engine?.engine ?? usable?.engine ?? null;
  const small = !('error' in model) && tooSmallForNative(model.directory);
  const ledger = inspectLedger(session);
  return {
    healthy: chosen !== null && !('error' in model) && ledger.complaints.length === 0,
    engines,
    chosen,
    reason: whyChosen(chosen, session.engineChoice, small, engines),
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
  const reasons = better.map(({ engine, found, detail }) => `${engine}: ${found ? why : detail}`);
  return `the fastest for this model; ${reasons.join('; ')}`;
}

function inspectLedger(session: Session): Diagnosis['ledger'] {
  const exists = existsSync(session.db);
  try {
    const complaints = session.checkLedger() ?? [];
    const edits = session.history();
    const applied = edits.filter(({ status }) => status === 'applied').length;
    return { path: session.db, exists, edits: edits.length, applied, complaints };
  } catch (error) {
    return {
      path: session.db,
      exists,
      edits: 0,
      applied: 0,
      complaints: [errorData(error).message.replace(`${session.db}: `, '')],
    };
  }
}
