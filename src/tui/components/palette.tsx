// Everything that keys do here, found by its words; enter does it.
import { useState } from 'react';
import { STEPS } from '../bench.js';
import { useDesk } from '../desk.js';
import { usePress, usePressed } from '../hooks/keyboard.js';
import { KEYS, keyGroups, keySigns, type Scope } from '../keys.js';
import { matches } from '../matching.js';
import { Lines } from './lines.js';
import { List } from './list.js';
import { Pane } from './pane.js';
import { TextField } from './text-field.js';

interface Command {
  key: string;
  signs: string;
  does: string;
}

const KEYS_WIDTH = 18;

/** What can be done on a screen, and then what can be done everywhere. */
function commandsOn(scope: Scope): Command[] {
  return keyGroups(scope)
    .flatMap(({ bindings }) => Object.values(bindings))
    .flatMap((one) => {
      if (one === KEYS.everywhere.step) {
        return one.keys.map((key, i) => ({ key, signs: key, does: `go to ${STEPS[i]}` }));
      }
      return { key: one.keys[0] ?? '', signs: keySigns(one), does: one.does };
    });
}

export interface PaletteProps {
  scope: Scope;
  width: number;
  height: number;
  onClose: () => void;
}

export function Palette({ scope, width, height, onClose }: PaletteProps) {
  const { style } = useDesk();
  const press = usePress();
  const [search, setSearch] = useState('');
  const [place, setPlace] = useState(0);
  const found = commandsOn(scope).filter(({ does, signs }) => matches(`${does} ${signs}`, search));
  const at = Math.max(0, Math.min(found.length - 1, place));
  usePressed(({ key }) => {
    if (key === 'up') setPlace(at - 1);
    if (key === 'down') setPlace(at + 1);
  });
  return (
    <Pane title=" what can be done here" note={`${found.length}`} active width={width}>
      <TextField
        label=":"
        width={width}
        onChange={(text) => {
          setSearch(text);
          setPlace(0);
        }}
        onCancel={onClose}
        onSubmit={() => {
          const chosen = found[at];
          onClose();
          if (chosen) press(chosen.key);
        }}
      />
      {found.length > 0 ? (
        <List
          rows={found.map(({ signs, does }) => `${style.accent(signs.padEnd(KEYS_WIDTH))} ${does}`)}
          cursor={at}
          active
          width={width}
          height={height - 2}
        />
      ) : (
        <Lines
          lines={['', style.dim(' nothing that can be done here has these words')]}
          width={width}
          height={height - 2}
        />
      )}
    </Pane>
  );
}
