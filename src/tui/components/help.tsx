// The keys of a screen, printed from the table that the screens listen to.
import { useDesk } from '../desk.js';
import { type Binding, KEYS, keySigns, type Scope } from '../keys.js';
import { Lines } from './lines.js';

const KEYS_WIDTH = 16;
const LIST_KEYS_WIDTH = 30;

export function Help({ scope, width, height }: { scope: Scope; width: number; height: number }) {
  const { style } = useDesk();
  const lines = (bindings: Record<string, Binding>, widest: number) =>
    Object.values(bindings).map((one) => `  ${style.accent(keySigns(one).padEnd(widest))} ${one.does}`);
  const all = [
    style.bold(` ${scope}`),
    ...lines(KEYS[scope], KEYS_WIDTH),
    ...lines(inPairs(KEYS.list), LIST_KEYS_WIDTH),
    style.bold(' everywhere'),
    ...lines(KEYS.everywhere, KEYS_WIDTH),
  ];
  return <Lines lines={all} width={width} height={height} />;
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
