// A place in a list, moved by the keys of lists.
import { useState } from 'react';
import { useKeys } from './keyboard.js';

/**
 * @param count entries of the list; the cursor stays among them
 * @param page entries that a page key moves by
 */
export function useCursor(count: number, page: number, active: boolean): [number, (index: number) => void] {
  const [at, setAt] = useState(0);
  const inside = (index: number) => Math.max(0, Math.min(count - 1, index));
  const move = (by: number) => () => setAt((index) => inside(inside(index) + by));
  useKeys(
    'list',
    {
      up: move(-1),
      down: move(1),
      pageUp: move(-page),
      pageDown: move(page),
      first: () => setAt(0),
      last: () => setAt(inside(count - 1)),
    },
    active,
  );
  return [inside(at), setAt];
}
