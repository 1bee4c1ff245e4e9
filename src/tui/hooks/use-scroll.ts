// A text that may be longer than its room: the keys of lists move through it.
import { useCursor } from './use-cursor.js';

export interface Scroll {
  /** The lines in sight. */
  shown: readonly string[];
  /** Which they are: "1-20/35". */
  place: string;
  toTop: () => void;
}

/** @param room lines that are in sight at a time */
export function useScroll(lines: readonly string[], room: number, active: boolean): Scroll {
  const [first, setFirst] = useCursor(Math.max(1, lines.length - room + 1), room - 1, active);
  const last = Math.min(lines.length, first + room);
  return {
    shown: lines.slice(first, last),
    place: `${first + 1}-${last}/${lines.length}`,
    toTop: () => setFirst(0),
  };
}
