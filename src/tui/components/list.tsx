// A list with a cursor, of which as much is shown as fits.
import { useDesk } from '../desk.js';
import { Lines } from './lines.js';

export interface ListProps {
  /** Entries, at most `width - 2` columns wide. */
  rows: readonly string[];
  cursor: number;
  /** The keys move this list. */
  active: boolean;
  width: number;
  height: number;
}

export function List({ rows, cursor, active, width, height }: ListProps) {
  const { style } = useDesk();
  const first = firstShown(cursor, rows.length, height);
  const lines = rows.slice(first, first + height).map((row, i) => {
    if (first + i !== cursor) return `  ${row}`;
    return active ? `${style.accent('❯')} ${style.bold(row)}` : `${style.dim('›')} ${row}`;
  });
  return <Lines lines={lines} width={width} height={height} />;
}

/** The first entry that is shown, so that the cursor stays in the middle where it can. */
export function firstShown(cursor: number, count: number, height: number): number {
  return Math.max(0, Math.min(count - height, cursor - Math.floor(height / 2)));
}
