// The keys of a screen, printed from the table that the screens listen to.
import { useDesk } from '../desk.js';
import { type Binding, KEYS, keySigns, type Scope } from '../keys.js';
import { Lines } from './lines.js';

const KEYS_WIDTH = 16;

export function Help({ scope, width, height }: { scope: Scope; width: number; height: number }) {
  const { style } = useDesk();
  const section = (title: string, bindings: Record<string, Binding>) => [
    style.bold(` ${title}`),
    ...Object.values(bindings).map(
      (one) => `  ${style.accent(keySigns(one).padEnd(KEYS_WIDTH))} ${one.does}`,
    ),
  ];
  const lines = [
    ...section(scope, KEYS[scope]),
    ...section('lists', inPairs(KEYS.list)),
    ...section('everywhere', KEYS.everywhere),
  ];
  return <Lines lines={lines} width={width} height={height} />;
}

/** Keys that undo each other on one line, for the smallest screen. */
function inPairs(bindings: Record<string, Binding>): Record<string, Binding> {
  const all = Object.entries(bindings);
  return Object.fromEntries(
    all.flatMap(([name, one], i) => {
      const other = all[i + 1]?.[1];
      if (i % 2 === 1 || !other) return [];
      return [[name, { keys: [...one.keys, ...other.keys], does: `${one.does}; ${other.does}` }]];
    }),
  );
}
