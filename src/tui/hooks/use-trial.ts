// Trying the edit on the bench out: a dry run whenever it has changed and come to rest.
import { useCallback, useEffect } from 'react';
import { editOnBench, ticked } from '../bench.js';
import { useDesk } from '../desk.js';

/** A value that is being turned is tried when it rests. */
const REST_MS = 300;

/** @returns tries again, whatever was tried before */
export function useTrial(active: boolean): () => void {
  const { bench, change, session, model, run, located } = useDesk();
  const { trial } = bench;
  const edit = editOnBench(bench);
  const operation = edit?.operation;
  const named = operation?.type !== 'rewrite' || operation.to !== '';
  const possible = active && model !== undefined && named && ticked(bench).length > 0;

  const attempt = useCallback(async () => {
    if (!session || !edit) return;
    change({ type: 'tried', trial: undefined });
    const options = { dryRun: true, located: edit.neurons ? undefined : located };
    const result = await run('trying', (control) =>
      session.apply(edit, options, {
        ...control,
        onMeasured: (before, after) => change({ type: 'tried', trial: { before, after, result: undefined } }),
      }),
    );
    if (result) change({ type: 'tried', trial: { before: result.before, after: result.after, result } });
  }, [session, edit, located, run, change]);

  const wanted = possible && !trial ? JSON.stringify([edit?.operation, edit?.neurons, bench.options]) : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for the edit
  useEffect(() => {
    if (wanted === '') return;
    const timer = setTimeout(() => void attempt(), REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, located]);
  return () => void attempt();
}
