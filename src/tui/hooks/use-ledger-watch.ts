// Notices that another process has written to the ledger: its files are looked at, not opened, every other second.
import { statSync } from 'node:fs';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { Session } from '../../index.js';

const EVERY_MS = 2000;

/** @param paused while work of our own is under way */
export function useLedgerWatch(session: Session | undefined, paused: boolean, onChanged: () => void): void {
  const latest = useRef(onChanged);
  useLayoutEffect(() => {
    latest.current = onChanged;
  });
  useEffect(() => {
    if (!session || paused) return;
    let before = stateOf(session);
    const timer = setInterval(() => {
      const now = stateOf(session);
      if (now !== before) latest.current();
      before = now;
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [session, paused]);
}

/** Times and sizes of the ledger and its log; empty where there is none. */
function stateOf({ db }: Session): string {
  if (db === undefined) return '';
  return [db, `${db}-wal`]
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? `${found.mtimeMs} ${found.size}` : '';
    })
    .join();
}
