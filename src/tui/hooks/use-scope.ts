// What covers a part of the screen has keys of its own: help, palette and the last line are told of them.
import { useLayoutEffect } from 'react';
import { useDesk } from '../desk.js';
import type { Scope } from '../keys.js';

/** For as long as the component is there, and `active`. */
export function useScope(scope: Scope, active = true): void {
  const { cover } = useDesk();
  useLayoutEffect(() => {
    if (!active) return;
    cover(scope);
    return () => cover(undefined);
  }, [cover, scope, active]);
}
