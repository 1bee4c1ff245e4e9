// The keyboard: hands keys out one at a time, each once the screen has taken in the one before. Without that, keys that
// come quickly would meet a screen that still believes what it believed before them.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Key, useInput } from '../ink.js';
import { actionOf, type Handlers, keyNames, type Scope } from '../keys.js';

/** A key as ink reports it, or a run of text. Only pasted text holds line breaks. */
export interface Pressed {
  input: string;
  key: Key;
}

/** What a terminal puts around pasted text (bracketed paste), as ink hands it on. */
const PASTE = { start: '[200~', end: '[201~' };
/** Keys that ink leaves in the text when they come in one piece with it. */
const KEYS_IN_TEXT: Record<string, Partial<Key>> = {
  '\r': { return: true },
  '\n': { return: true },
  '\t': { tab: true },
  '\b': { backspace: true },
  '\u007f': { backspace: true },
};

type Listener = (pressed: Pressed) => void;

interface Keyboard {
  /** Who is being typed to, where that is not the screen: a text field, a question. Asked anew for every key. */
  holder: () => string | undefined;
  /** @param text whether whole texts are wanted, not one character after the other */
  hold: (holder: string | undefined, text: boolean) => void;
  listen: (listener: Listener) => () => void;
}

const KeyboardContext = createContext<Keyboard>({
  holder: () => undefined,
  hold: () => {},
  listen: () => () => {},
});

export function KeyboardProvider({ children }: { children: ReactNode }) {
  const [, setHandled] = useState(0);
  const held = useRef<{ holder: string | undefined; text: boolean }>({ holder: undefined, text: false });
  const listeners = useRef(new Set<Listener>());
  const waiting = useRef<Pressed[]>([]);
  const busy = useRef(false);

  const pasted = useRef<string>(undefined);

  const handleNext = () => {
    const pressed = takeNext(waiting.current, held.current.text);
    busy.current = pressed !== undefined;
    if (!pressed) return;
    for (const listener of [...listeners.current]) listener(pressed);
    setHandled((count) => count + 1);
  };
  useInput((input, key) => {
    if (input === PASTE.start) pasted.current = '';
    else if (input === PASTE.end) {
      waiting.current.push({ input: pasted.current ?? '', key });
      pasted.current = undefined;
    } else if (pasted.current !== undefined) pasted.current += key.return ? '\n' : input;
    else waiting.current.push(...piecesOf({ input, key }));
    if (!busy.current) handleNext();
  });
  // After every commit: the screen knows of the key before.
  useLayoutEffect(() => {
    if (busy.current) handleNext();
  });

  const holder = useCallback(() => held.current.holder, []);
  const hold = useCallback((next: string | undefined, text: boolean) => {
    held.current = { holder: next, text };
  }, []);
  const listen = useCallback((listener: Listener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const keyboard = useMemo(() => ({ holder, hold, listen }), [holder, hold, listen]);
  return <KeyboardContext.Provider value={keyboard}>{children}</KeyboardContext.Provider>;
}

/** A piece of input taken apart into runs of text and the keys between them. */
function piecesOf({ input, key }: Pressed): Pressed[] {
  const pieces = input.split(/([\r\n\t\b\u007f])/u).filter(Boolean);
  if (pieces.length <= 1) return [{ input, key }];
  return pieces.map((piece) => {
    const named = KEYS_IN_TEXT[piece];
    return named ? { input: '', key: { ...key, ...named } } : { input: piece, key };
  });
}

/** Takes the next key off the queue: a run of text whole for who wants text, by characters for everybody else. */
function takeNext(queue: Pressed[], text: boolean): Pressed | undefined {
  const next = queue.shift();
  if (!next || text || next.key.ctrl || next.input.length <= 1) return next;
  const [first = '', ...rest] = next.input;
  if (rest.length > 0) queue.unshift({ input: rest.join(''), key: next.key });
  return { input: first, key: next.key };
}

/** Hears every key, while `active`. */
export function usePressed(listener: Listener, active = true): void {
  const { listen } = useContext(KeyboardContext);
  const latest = useRef(listener);
  useLayoutEffect(() => {
    latest.current = listener;
  });
  useLayoutEffect(() => {
    if (active) return listen((pressed) => latest.current(pressed));
  }, [active, listen]);
}

/**
 * Calls the handler of the action that a key has in `scope`, while `active` and while nobody but `holder` holds the
 * keys (nobody at all, when it is left out).
 */
export function useKeys<S extends Scope>(
  scope: S,
  handlers: Handlers<S>,
  active: boolean,
  holder?: string,
): void {
  const keyboard = useContext(KeyboardContext);
  usePressed(({ input, key }) => {
    if (keyboard.holder() !== holder) return;
    for (const name of keyNames(input, key)) {
      const action = actionOf(scope, name);
      if (action) (handlers as Record<string, ((key: string) => void) | undefined>)[action]?.(name);
    }
  }, active);
}

/** Holds the keys for as long as the component is there. @param text wants whole texts */
export function useHold(holder: string, text = false): void {
  const { hold } = useContext(KeyboardContext);
  useLayoutEffect(() => {
    hold(holder, text);
    return () => hold(undefined, false);
  }, [hold, holder, text]);
}
