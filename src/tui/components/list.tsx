// A list with a cursor, of which as much is shown as fits.
import { useDesk } from '../desk.js';
import { useClick } from '../hooks/use-click.js';
import { Box } from '../ink.js';
import { Lines } from './lines.js';

export interface ListProps {
  /** Entries, at most `width - 2` columns wide. */
  rows: readonly string[];
  cursor: number;
  /** The keys move this list. */
  active: boolean;
  width: number;
  height: number;
  /** The mouse clicked on an entry. */
  onChoose?: (index: number) => void;
}

export function List({ rows, cursor, active, width, height, onChoose }: ListProps) {
  const { style } = useDesk();
  const first = firstShown(cursor, rows.length, height);
  const lines = rows.slice(first, first + height).map((row, i) => {
    if (first + i !== cursor) return `  ${row}`;
    return active ? `${style.accent('❯')} ${style.bold(row)}` : `${style.dim('›')} ${row}`;
  });
  const box = useClick(({ row }) => {
    if (first + row < rows.length) onChoose?.(first + row);
  }, onChoose !== undefined);
  return (
    <Box ref={box} flexShrink={0}>
      <Lines lines={lines} width={width} height={height} />
    </Box>
  );
}

/** The first entry that is shown, so that the cursor stays in the middle where it can. */
export function firstShown(cursor: number, count: number, height: number): number {
  return Math.max(0, Math.min(count - height, cursor - Math.floor(height / 2)));
}
