// Below a list with columns: the text that it is searched for, or the columns to choose from.
import { useState } from 'react';
import { useDesk } from '../desk.js';
import { useHold, useKeys } from '../hooks/keyboard.js';
import type { TableView } from '../hooks/use-table.js';
import { Lines } from './lines.js';
import { TextField } from './text-field.js';

/** Lines that it takes. */
export function footHeight<T>({ typing, picking, search }: TableView<T>): number {
  return typing || picking || search !== '' ? 1 : 0;
}

export function TableFoot<T>({ view, width }: { view: TableView<T>; width: number }) {
  const { style } = useDesk();
  const { search, setSearch, typing, endSearch, picking } = view;
  if (picking) return <ColumnPicker view={view} width={width} />;
  if (typing) {
    return (
      <TextField
        label="search"
        width={width}
        onChange={setSearch}
        onSubmit={() => endSearch(true)}
        onCancel={() => endSearch(false)}
      />
    );
  }
  return search === '' ? null : <Lines lines={[style.dim(` / ${search}`)]} width={width} height={1} />;
}

/** The columns in one line, the first one left out: it is always shown. */
function ColumnPicker<T>({ view, width }: { view: TableView<T>; width: number }) {
  const { style } = useDesk();
  const [at, setAt] = useState(0);
  const choices = view.fields.slice(1).map(({ title }) => title);
  const move = (by: number) => () => setAt((at + by + choices.length) % choices.length);
  useHold('columns');
  useKeys(
    'columns',
    {
      left: move(-1),
      right: move(1),
      toggle: () => view.toggle(choices[at] ?? ''),
      close: () => view.setPicking(false),
    },
    true,
    'columns',
  );
  const words = choices.map((title, i) => {
    const text = `${view.hidden.has(title) ? '·' : '✓'} ${title}`;
    return i === at ? style.accent(style.bold(`‹${text}›`)) : ` ${text} `;
  });
  return <Lines lines={[` columns${words.join('')}`]} width={width} height={1} />;
}
