// Trials: the edit on the bench is tried whenever it has changed and come to rest, and what was tried before is shown at once.
import { type Dispatch, useCallback, useEffect, useMemo, useRef } from 'react';
import type { EditSummary, Located, ModelInfo, Session } from '../../index.js';
import { type Bench, type Change, choiceOf, editOnBench, type Trial, ticked } from '../bench.js';
import { identityOf } from '../trials.js';
import type { Run } from './use-work.js';

/** The label of the work that tries an edit. */
export const TRYING = 'trying';

/** A value that is being turned is tried when it rests. */
const REST_MS = 300;

export interface Trials {
  /** Of the fact on the bench in the model's present state, in the order in which they were first tried. */
  tried: readonly Trial[];
  /** How many there are of the fact in other states of the model: they are back with the state. */
  elsewhere: number;
  /** Of what is chosen at present. */
  trial: Trial | undefined;
  /** The whole one that was shown last: it stays in sight until there is another. */
  last: Trial | undefined;
  /** Tries what is chosen again. */
  again: () => void;
}

interface AtWork {
  bench: Bench;
  change: Dispatch<Change>;
  session: Session | undefined;
  model: ModelInfo | undefined;
  edits: readonly EditSummary[];
  located: Located | undefined;
  run: Run;
}

export function useTrials({ bench, change, session, model, edits, located, run }: AtWork): Trials {
  const { trials, step, looking } = bench;
  const state = model ? stateOf(model, edits) : '';
  const identity = useMemo(() => identityOf(bench, state), [bench, state]);
  const { key = '', fact = '' } = identity ?? {};
  const ofFact = useMemo(() => trials.filter((one) => one.fact === fact), [trials, fact]);
  const tried = useMemo(() => ofFact.filter((one) => one.state === state), [ofFact, state]);
  const trial = tried.find((one) => one.key === key);
  const shown = useRef<Trial>(undefined);
  if (trial?.result) shown.current = trial;
  const latest = useRef(key);
  latest.current = key;

  const edit = editOnBench(bench);
  const operation = edit?.operation;
  const named = operation?.type !== 'rewrite' || operation.to !== '';
  const within = (step === 'operate' || step === 'check') && !looking;
  const isLocated = located !== undefined || edit?.neurons !== undefined;
  const possible = within && model !== undefined && named && isLocated && ticked(bench).length > 0;

  const attempt = useCallback(async () => {
    const choice = choiceOf(bench);
    if (!session || !model || !edit || !choice) return;
    const own = { key, fact, state, choice };
    const options = { dryRun: true, located: edit.neurons ? undefined : located };
    const result = await run(TRYING, async (control) => {
      const found = await session.apply(edit, options, {
        ...control,
        onMeasured: (before, after) =>
          change({ type: 'tried', trial: { ...own, before, after, result: undefined } }),
      });
      return stateOf(model, session.history()) === state ? found : undefined; // or it was measured in another one
    });
    if (result)
      change({ type: 'tried', trial: { ...own, before: result.before, after: result.after, result } });
    else {
      // Stopped by hand, it can be taken up again; what gave way to another choice, or to another state of the model, cannot.
      const present = latest.current === key && isStill(state, model, session);
      change({ type: present ? 'stopped' : 'gave way', key });
    }
  }, [session, model, bench, edit, key, fact, state, located, run, change]);

  const wanted = possible && !trial ? key : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for the edit
  useEffect(() => {
    if (wanted === '') return;
    const timer = setTimeout(() => void attempt(), REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, located]);
  const again = useCallback(() => (possible ? void attempt() : undefined), [possible, attempt]);
  const kept = shown.current;
  const last = kept?.fact === fact && kept.state === state ? kept : undefined;
  return { tried, elsewhere: ofFact.length - tried.length, trial, last, again };
}

/** Whether the ledger has the model in a state; one that cannot be read has it in none. */
function isStill(state: string, model: ModelInfo, session: Session): boolean {
  try {
    return stateOf(model, session.history()) === state;
  } catch {
    return false;
  }
}

/** The model with its applied edits. */
function stateOf({ fingerprint }: ModelInfo, edits: readonly EditSummary[]): string {
  const applied = edits.flatMap(({ id, status }) => (status === 'applied' ? [id] : []));
  return `${fingerprint}:${applied.join()}`;
}
