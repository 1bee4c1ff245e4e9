// Lines of text in a box of a fixed size. The lines may hold colour codes; what is too wide is cut.
import { Box } from '../ink.js';
import { Text } from './text.js';

export function Lines({ lines, width, height }: { lines: readonly string[]; width: number; height: number }) {
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0} overflow="hidden">
      {Array.from({ length: height }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Text key={i} wrap="truncate">
          {lines[i] || ' '}
        </Text>
      ))}
    </Box>
  );
}
