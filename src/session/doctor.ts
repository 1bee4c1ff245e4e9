// The state of the installation: engines, versions, model, ledger.
import { existsSync } from 'node:fs';
import type { EngineReport } from '../engine/engine.js';
import { errorData } from '../errors.js';
import type { ModelInfo } from '../lm/language-model.js';
import type { Control } from './context.js';
import type { Session } from './session.js';
import { version } from './versions.js';

/** What is found; the shape that scripts read. */
export interface Diagnosis {
  healthy: boolean;
  engines: EngineReport[];
  chosen: string | null;
  reason: string;
  /** Threads that compute, and the memory of each (an estimate, in bytes); null without a model. */
  workers: { count: number; bytes: number } | null;
  versions: Record<string, string>;
  model: Partial<ModelInfo> & { error?: string | undefined };
  ledger: { path: string; exists: boolean; edits: number; applied: number; complaints: string[] };
}

/** Looks at everything, and reports what is broken instead of failing on it. */
export async function diagnose(session: Session, control: Control): Promise<Diagnosis> {
  // The embedded backends are loaded here, where nothing else depends on them; the session's own run in its workers.
  const { inspectEngines } = await import('../engine/engine.js');
  const engines = await inspectEngines(control.signal);
  const model = await session
    .model(control)
    .catch((error: unknown) => ({ error: errorData(error).message }) satisfies Diagnosis['model']);
  const usable = engines.find(({ engine, found }) => found && engine !== 'cpu');
  const chosen = session.engine?.engine ?? usable?.engine ?? null;
  const better = engines.slice(
    0,
    engines.findIndex(({ engine }) => engine === chosen),
  );
  const reason =
    chosen === null
      ? 'no engine could be started'
      : better.length === 0
        ? 'the fastest there is'
        : `the fastest found; ${better.map(({ engine, detail }) => `${engine}: ${detail}`).join('; ')}`;
  const ledger = inspectLedger(session);
  return {
    healthy: chosen !== null && !('error' in model) && ledger.complaints.length === 0,
    engines,
    chosen,
    reason,
    workers: 'error' in model ? null : session.capacity,
    versions: { 'kn-edit': version(), node: process.versions.node },
    model,
    ledger,
  };
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
