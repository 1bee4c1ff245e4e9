// What the model answers to each of some prompts, asked anew when the prompts, the object or the model change.
import { useEffect, useRef, useState } from 'react';
import { errorData, InputError, InterruptedError } from '../../errors.js';
import type { ProbeAnswer, Session } from '../../index.js';
import type { Fact } from '../../spec/edit-file.js';
import { onScreen } from '../on-screen.js';

/** An answer, or why there is none. */
export type Asked = { answer: ProbeAnswer } | { problem: string };

/** Answers to each. */
const SHOWN = 3;
/** Prompts change with every keystroke; the model is asked when they rest. */
const REST_MS = 120;

/**
 * @param state tells apart the states of the model
 * @returns by prompt; what is missing is still being asked
 */
export function useAnswers(
  session: Session | undefined,
  fact: Fact | undefined,
  state: string,
): ReadonlyMap<string, Asked> {
  const known = useRef(new Map<string, Asked>());
  const [, setCount] = useState(0);
  const object = fact?.object ?? '';
  const keyOf = (prompt: string) => JSON.stringify([state, object, prompt]);
  const prompts = (fact?.prompts ?? []).filter((prompt) => prompt.trim() !== '');
  const missing = JSON.stringify([...new Set(prompts)].filter((prompt) => !known.current.has(keyOf(prompt))));

  // biome-ignore lint/correctness/useExhaustiveDependencies: `missing` stands for prompts, object and state
  useEffect(() => {
    if (!session) return;
    const timer = setTimeout(() => {
      for (const prompt of JSON.parse(missing) as string[]) {
        const key = keyOf(prompt);
        void session
          .probe(prompt, object === '' ? undefined : object, SHOWN)
          .then(
            (answer): Asked => ({ answer }),
            (error: unknown): Asked | undefined =>
              error instanceof InterruptedError ? undefined : { problem: problemOf(error) },
          )
          .then((asked) => {
            if (!asked) return; // its model is not asked any more
            known.current.set(key, asked);
            setCount((count) => count + 1);
          });
      }
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [session, missing, state, JSON.stringify(object)]);

  return new Map(
    prompts.flatMap((prompt) => {
      const asked = known.current.get(keyOf(prompt));
      return asked ? [[prompt, asked] as const] : [];
    }),
  );
}

/** The complaint without the option of the command line that it names, and without the prompt, which is in sight. */
function problemOf(error: unknown): string {
  const { message } = errorData(error);
  const plain = error instanceof InputError && error.field ? message.slice(error.field.length + 2) : message;
  return onScreen(plain.replace(/^prompt ".*": /s, ''));
}
