// Listening to the keys of one scope of the table.
import { createContext, useContext, useLayoutEffect } from 'react';
import { useInput } from '../ink.js';
import { actionOf, type Handlers, keyNames, type Scope } from '../keys.js';

/**
 * Who is being typed to. A text field or a question takes all keys while it is there; `keys` is what the screens
 * listen under.
 */
export interface Gate {
  holder: string | undefined;
  hold: (holder: string | undefined) => void;
}

export const GateContext = createContext<Gate>({ holder: undefined, hold: () => {} });

/** Calls the handler of the action that a key has in `scope`, while `active` and while nobody else holds the keys. */
export function useKeys<S extends Scope>(
  scope: S,
  handlers: Handlers<S>,
  active: boolean,
  holder?: string,
): void {
  const gate = useContext(GateContext);
  useInput(
    (input, key) => {
      for (const name of keyNames(input, key)) {
        const action = actionOf(scope, name);
        if (action) (handlers as Record<string, ((key: string) => void) | undefined>)[action]?.(name);
      }
    },
    { isActive: active && gate.holder === holder },
  );
}

/** Holds the keys for as long as the component is there. */
export function useHold(holder: string): void {
  const { hold } = useContext(GateContext);
  // Before the next key: what is shown is what is typed to.
  useLayoutEffect(() => {
    hold(holder);
    return () => hold(undefined);
  }, [hold, holder]);
}
