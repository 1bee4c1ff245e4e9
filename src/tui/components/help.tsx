// The keys of a screen, printed from the table that the screens listen to.
import { useDesk } from '../desk.js';
import { type Binding, KEYS, keySigns, type Scope } from '../keys.js';
import { Lines } from './lines.js';

export function Help({ scope, width, height }: { scope: Scope; width: number; height: number }) {
  const { style } = useDesk();
  const section = (title: string, bindings: Record<string, Binding>) => [
    style.bold(` ${title}`),
    ...Object.values(bindings).map((one) => `  ${style.accent(keySigns(one).padEnd(16))} ${one.does}`),
  ];
  const lines = [
    ...section(scope, KEYS[scope]),
    ...section('lists', KEYS.list),
    ...section('everywhere', KEYS.everywhere),
  ];
  return <Lines lines={lines} width={width} height={height} />;
}
