// A page that may be longer than its room: the keys of lists move through it, and tab goes from part to part.
import { useKeys } from './keyboard.js';
import { useCopy } from './use-copy.js';
import { useCursor } from './use-cursor.js';

export interface Scroll {
  /** The lines in sight. */
  shown: readonly string[];
  /** Which they are: "1-20/35". */
  place: string;
  toTop: () => void;
}

/**
 * @param lines parts of the page have an empty line between them
 * @param room lines that are in sight at a time
 */
export function useScroll(lines: readonly string[], room: number, active: boolean): Scroll {
  const count = Math.max(1, lines.length - room + 1);
  const [first, setFirst] = useCursor(count, room - 1, active);
  const last = Math.min(lines.length, first + room);
  const parts = lines.flatMap((_, i) => (i === 0 || lines[i - 1] === '' ? [i] : []));
  const copy = useCopy();
  useKeys(
    'page',
    {
      part: () => setFirst((first < count - 1 && parts.find((start) => start > first)) || 0),
      partBefore: () => setFirst(parts.findLast((start) => start < first) ?? count - 1),
      copy: () => copy(lines.join('\n')),
    },
    active,
  );
  return {
    shown: lines.slice(first, last),
    place: `${first + 1}-${last}/${lines.length}`,
    toTop: () => setFirst(0),
  };
}
