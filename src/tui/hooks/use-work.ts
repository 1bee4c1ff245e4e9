// Long work, one at a time: its progress, how to stop it, and its failures in words.
import { useCallback, useRef, useState } from 'react';
import { errorData, InterruptedError } from '../../errors.js';
import type { Control, Progress } from '../../session/context.js';

export interface Work {
  label: string;
  progress: Progress | undefined;
  /** When the present stage began, in milliseconds of `performance.now()`. */
  since: number;
}

/** @returns what the work gives, or undefined when it fails or is stopped */
export type Run = <T>(label: string, job: (control: Control) => Promise<T>) => Promise<T | undefined>;

export interface Working {
  work: Work | undefined;
  run: Run;
  stop: () => void;
}

/**
 * @param tell is given what went wrong, in words
 * @param onConflict is called before that when the ledger was not as it was believed to be
 * @param note is given what is worth knowing beside the result, when the work is over
 */
export function useWork(
  tell: (text: string | undefined, tone?: 'bad') => void,
  onConflict: () => void,
  note: (text: string) => void,
): Working {
  const conflicted = useRef(onConflict);
  conflicted.current = onConflict;
  const [work, setWork] = useState<Work>();
  const current = useRef<AbortController>(undefined);

  const stop = useCallback(() => current.current?.abort(), []);

  const run: Run = useCallback(
    async (label, job) => {
      current.current?.abort();
      const abort = new AbortController();
      current.current = abort;
      const mine = () => current.current === abort;
      let stage: Progress['stage'] | undefined;
      let since = performance.now();
      const notes = new Set<string>();
      const onNote = (text: string) => notes.add(text);
      const onProgress = (progress: Progress) => {
        if (!mine()) return;
        if (progress.stage !== stage) {
          stage = progress.stage;
          since = performance.now();
        }
        setWork({ label, progress, since });
      };
      setWork({ label, progress: undefined, since });
      tell(undefined);
      try {
        return await job({ signal: abort.signal, onProgress, onNote });
      } catch (error) {
        if (!mine()) return undefined; // work that gave way to other work has nothing to say
        const { code, message } = errorData(error);
        if (code === 'conflict') conflicted.current();
        if (error instanceof InterruptedError) tell(`stopped: ${label}; nothing was changed`);
        else tell(message, 'bad');
        return undefined;
      } finally {
        if (mine()) {
          current.current = undefined;
          setWork(undefined);
        }
        for (const text of notes) note(text); // the ledger says its own only once, whatever became of the work
      }
    },
    [tell, note],
  );
  return { work, run, stop };
}
