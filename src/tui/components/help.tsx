// The keys of a screen, printed from the table that the screens listen to; where verdicts are shown, what they mean.

import { VERDICTS } from '../../probe/verdict.js';
import { wrapText } from '../../report/table.js';
import { useDesk } from '../desk.js';
import { useCursor } from '../hooks/use-cursor.js';
import { type Binding, keyGroups, keySigns, type Scope } from '../keys.js';
import { Lines } from './lines.js';
import { Pane } from './pane.js';

const KEYS_WIDTH = 16;
const LIST_KEYS_WIDTH = 30;
const VERDICT_WIDTH = 25;

export function Help({ scope, width, height }: { scope: Scope; width: number; height: number }) {
  const { style } = useDesk();
  const lines = (bindings: Record<string, Binding>) =>
    joined(bindings).map(({ signs, does }) => {
      const width = signs.length > KEYS_WIDTH ? LIST_KEYS_WIDTH : KEYS_WIDTH;
      return `  ${style.accent(signs.padEnd(width))} ${does}`;
    });
  const all = [
    ...keyGroups(scope).flatMap(({ title, bindings }) => [
      ...(title ? [style.bold(` ${title}`)] : []),
      ...lines(bindings),
    ]),
    ...(scope === 'operate' || scope === 'check' ? [style.bold(' verdicts'), ...verdicts()] : []),
  ];
  const room = height - 1;
  const [first] = useCursor(Math.max(1, all.length - room + 1), room - 1, true);
  const note = all.length > room ? `${first + 1}-${Math.min(all.length, first + room)}/${all.length}` : '';
  return (
    <Pane title={` ${scope}`} note={note} active width={width}>
      <Lines lines={all.slice(first, first + room)} width={width} height={room} />
    </Pane>
  );

  function verdicts(): string[] {
    return Object.entries(VERDICTS).flatMap(([verdict, meaning]) =>
      wrapText(meaning, width - VERDICT_WIDTH - 4).map((line, i) => {
        const word = (i === 0 ? verdict : '').padEnd(VERDICT_WIDTH);
        return `  ${style.accent(word)} ${line}`;
      }),
    );
  }
}

/** A line for each key, or for those that belong together. */
function joined(bindings: Record<string, Binding>): { signs: string; does: string }[] {
  const lines: { signs: string; does: string }[] = [];
  for (const one of Object.values(bindings)) {
    const { does, joins } = one;
    const before = joins && lines.pop();
    const signs = keySigns(one);
    lines.push(
      before ? { signs: `${before.signs} ${signs}`, does: `${before.does}; ${does}` } : { signs, does },
    );
  }
  return lines;
}
