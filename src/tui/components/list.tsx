// A list with a cursor, of which as much is shown as fits.
import type { ReactNode } from 'react';
import { useDesk } from '../desk.js';
import { useClick } from '../hooks/use-click.js';
import { Box } from '../ink.js';
import { Lines } from './lines.js';
import { Text } from './text.js';

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
  /** Stands in place of the cursor's entry while that is edited, one line of `width - 2` columns. */
  field?: ReactNode;
}

export function List({ rows, cursor, active, width, height, onChoose, field }: ListProps) {
  const { style } = useDesk();
  const first = firstShown(cursor, rows.length, height);
  const lines = rows.slice(first, first + height).map((row, i) => {
    if (first + i !== cursor) return `  ${row}`;
    return active ? `${style.accent('❯')} ${style.bold(row)}` : `${style.dim('›')} ${row}`;
  });
  const box = useClick(({ row }) => {
    if (first + row < rows.length) onChoose?.(first + row);
  }, onChoose !== undefined);
  const at = cursor - first;
  if (field && at >= 0 && at < height) {
    return (
      <Box flexDirection="column" width={width} height={height} flexShrink={0}>
        <Lines lines={lines.slice(0, at)} width={width} height={at} />
        <Box>
          <Text>{style.accent('❯ ')}</Text>
          {field}
        </Box>
        <Lines lines={lines.slice(at + 1)} width={width} height={height - at - 1} />
      </Box>
    );
  }
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
