// What every screen can reach: the session, the bench, the work that is running, and how to say something.
import { createContext, type Dispatch, useContext } from 'react';
import type { EditSummary, Located, ModelInfo, Session } from '../index.js';
import type { Style } from '../report/style.js';
import type { Bench, Change } from './bench.js';
import type { Trials } from './hooks/use-trials.js';
import type { Run, Work } from './hooks/use-work.js';
import type { Scope } from './keys.js';

export interface Desk extends Trials {
  style: Style;
  /** Absent until its modules are loaded, just after the first frame. */
  session: Session | undefined;
  /** Absent until the model is loaded. */
  model: ModelInfo | undefined;
  bench: Bench;
  /** What the maps on the bench come to under its settings. */
  located: Located | undefined;
  /** Why those settings cannot be used. */
  misfit: string | undefined;
  change: Dispatch<Change>;
  /** The long work that is running. */
  work: Work | undefined;
  /** Does long work, one at a time; what was running before is stopped. */
  run: Run;
  stop: () => void;
  /** Shows a sentence in the last line but one. */
  tell: (text: string | undefined, tone?: 'bad' | 'good') => void;
  /** Tells of the keys of what covers a part of the screen. */
  cover: (scope: Scope | undefined) => void;
  /** Gives the data behind what the screen shows; unset where that is the edit on the bench with its trial. */
  shown: { current: (() => unknown) | undefined };
  /** The ledger's edits, newest first. */
  edits: readonly EditSummary[];
  /** Reads the ledger again. @param mine what is new in it was done here @returns its edits, newest first */
  refresh: (mine?: boolean) => readonly EditSummary[];
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('no desk around this component');
  return desk;
}

/** The room that a screen has, and whether it is the one that is shown. */
export interface ScreenProps {
  width: number;
  height: number;
  active: boolean;
}
