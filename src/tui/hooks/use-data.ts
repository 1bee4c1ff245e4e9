// The data behind what the screen shows, for who exports it.
import { useLayoutEffect } from 'react';
import { useDesk } from '../desk.js';

/** While `active`, `data` is what is shown. */
export function useData(data: () => unknown, active: boolean): void {
  const { shown } = useDesk();
  useLayoutEffect(() => {
    if (!active) return;
    shown.current = data;
    return () => {
      if (shown.current === data) shown.current = undefined;
    };
  });
}
