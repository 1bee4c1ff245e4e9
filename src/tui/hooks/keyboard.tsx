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
import { useStdin } from '../ink.js';
import { listenToKeys, type Pressed } from '../key-stream.js';
import { actionOf, type Handlers, type Scope } from '../keys.js';

type Listener = (pressed: Pressed) => void;

/** Who is being typed to, where that is not the screen. */
type Holder = 'text' | 'question' | 'columns' | undefined;

interface Keyboard {
  /** Asked anew for every key. */
  holder: () => Holder;
  hold: (holder: Holder) => void;
  listen: (listener: Listener) => () => void;
  /** Presses a key, after those that wait. */
  press: (key: string) => void;
}

const KeyboardContext = createContext<Keyboard>({
  holder: () => undefined,
  hold: () => {},
  listen: () => () => {},
  press: () => {},
});
const HolderContext = createContext<Holder>(undefined);

export function KeyboardProvider({ children }: { children: ReactNode }) {
  const { stdin } = useStdin();
  const [, setHandled] = useState(0);
  const [shownHolder, setShownHolder] = useState<Holder>();
  const held = useRef<Holder>(undefined);
  const listeners = useRef(new Set<Listener>());
  const waiting = useRef<Pressed[]>([]);
  const busy = useRef(false);
  const next = useRef<NodeJS.Immediate>(undefined);

  // Never from within a commit: for React, keys that are handed out there are one endless update.
  const goOn = useCallback(() => {
    clearImmediate(next.current);
    busy.current = waiting.current.length > 0;
    next.current = setImmediate(() => {
      const pressed = takeNext(waiting.current, held.current === 'text');
      if (!pressed) return;
      for (const listener of [...listeners.current]) listener(pressed);
      setHandled((count) => count + 1);
    });
  }, []);
  useLayoutEffect(
    () =>
      listenToKeys(stdin, (pressed) => {
        waiting.current.push(pressed);
        if (!busy.current) goOn(); // all that comes in one piece is there by then
      }),
    [stdin, goOn],
  );
  // After every commit: the screen knows of the key before.
  useLayoutEffect(() => {
    if (busy.current) goOn();
  });

  const holder = useCallback(() => held.current, []);
  const hold = useCallback((next: Holder) => {
    held.current = next;
    setShownHolder(next);
  }, []);
  const listen = useCallback((listener: Listener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const press = useCallback(
    (key: string) => {
      waiting.current.push({ key, text: '', pasted: false });
      if (!busy.current) goOn();
    },
    [goOn],
  );
  const keyboard = useMemo(() => ({ holder, hold, listen, press }), [holder, hold, listen, press]);
  return (
    <KeyboardContext.Provider value={keyboard}>
      <HolderContext.Provider value={shownHolder}>{children}</HolderContext.Provider>
    </KeyboardContext.Provider>
  );
}

/** Takes the next key off the queue; for who wants text, with all the text that follows it. */
function takeNext(queue: Pressed[], wantsText: boolean): Pressed | undefined {
  const { apart } = queue[0] ?? {};
  if (apart && !(wantsText && actionOf('text', queue[0]?.key ?? ''))) queue.splice(0, 1, ...apart);
  const next = queue.shift();
  if (!next || !wantsText || !isTyped(next)) return next;
  const end = queue.findIndex((one) => !isTyped(one));
  const more = queue.splice(0, end < 0 ? queue.length : end);
  return more.length === 0
    ? next
    : { ...next, key: '', text: [next, ...more].map(({ text }) => text).join('') };
}

function isTyped({ text, pasted }: Pressed): boolean {
  return text !== '' && !pasted;
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
 * keys (nobody at all, when it is left out). What is pasted is no key.
 */
export function useKeys<S extends Scope>(
  scope: S,
  handlers: Handlers<S>,
  active: boolean,
  holder?: Holder,
): void {
  const keyboard = useContext(KeyboardContext);
  usePressed(({ key, pasted }) => {
    if (pasted || keyboard.holder() !== holder) return;
    const action = actionOf(scope, key);
    if (action) (handlers as Record<string, ((key: string) => void) | undefined>)[action]?.(key);
  }, active);
}

/** Presses keys, as a hand would. */
export function usePress(): (key: string) => void {
  return useContext(KeyboardContext).press;
}

/** Hears what is pasted while no text is being typed. */
export function useStrayPaste(listener: () => void): void {
  const keyboard = useContext(KeyboardContext);
  usePressed(({ pasted }) => {
    if (pasted && keyboard.holder() !== 'text') listener();
  });
}

/** Holds the keys for as long as the component is there; `text` is given whole texts, not one character after the other. */
export function useHold(holder: NonNullable<Holder>): void {
  const { hold } = useContext(KeyboardContext);
  useLayoutEffect(() => {
    hold(holder);
    return () => hold(undefined);
  }, [hold, holder]);
}

/** Who is being typed to, for showing it. */
export function useHolder(): Holder {
  return useContext(HolderContext);
}
