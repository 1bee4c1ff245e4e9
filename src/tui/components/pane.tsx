// A part of a screen with a title, which says whether the keys go there.
import type { ReactNode } from 'react';
import { fitTo } from '../../report/table.js';
import { useDesk } from '../desk.js';
import { Box } from '../ink.js';
import { Text } from './text.js';

export interface PaneProps {
  title: string;
  /** Said at the right end of the title's line. */
  note?: string;
  active: boolean;
  width: number;
  children: ReactNode;
}

export function Pane({ title, note = '', active, width, children }: PaneProps) {
  const { style } = useDesk();
  const left = fitTo(title, Math.max(0, note ? width - note.length - 1 : width));
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      <Text wrap="truncate">
        {active ? style.accent(style.bold(left)) : style.dim(left)}
        {note ? ` ${style.dim(note)}` : ''}
      </Text>
      {children}
    </Box>
  );
}

/** The line between two panes. */
export function Divider({ height }: { height: number }) {
  const { style } = useDesk();
  return (
    <Box flexDirection="column" width={3} flexShrink={0}>
      {Array.from({ length: height }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Text key={i}> {style.dim('│')} </Text>
      ))}
    </Box>
  );
}
