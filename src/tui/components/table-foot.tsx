// Below a list with columns: the text that it is searched for, or the columns to choose from.
import { useState } from 'react';
import { useDesk } from '../desk.js';
import { usePressed } from '../hooks/keyboard.js';
import type { Field, TableView } from '../hooks/use-table.js';
import { Lines } from './lines.js';
import { TextField } from './text-field.js';

/** Lines that it takes. */
export function footHeight({
  typing,
  picking,
  search,
}: Pick<TableView<unknown>, 'typing' | 'picking' | 'search'>) {
  return typing || picking || search !== '' ? 1 : 0;
}

export interface TableFootProps<T> {
  view: TableView<T>;
  fields: readonly Field<T>[];
  width: number;
}

export function TableFoot<T>({ view, fields, width }: TableFootProps<T>) {
  const { style } = useDesk();
  const { search, setSearch, typing, setTyping, picking } = view;
  if (picking) return <ColumnPicker view={view} fields={fields} width={width} />;
  if (typing) {
    return (
      <TextField
        label="search"
        value={search}
        width={width}
        onChange={setSearch}
        onSubmit={() => setTyping(false)}
        onCancel={() => {
          setTyping(false);
          setSearch('');
        }}
      />
    );
  }
  return search === '' ? null : <Lines lines={[style.dim(` / ${search}`)]} width={width} height={1} />;
}

/** The columns in one line: left and right choose one, space shows or hides it. */
function ColumnPicker<T>({ view, fields, width }: TableFootProps<T>) {
  const { style } = useDesk();
  const [at, setAt] = useState(1);
  const choices = fields.slice(1);
  const move = (by: number) => setAt(1 + ((at - 1 + by + choices.length) % choices.length));
  usePressed(({ key }) => {
    if (key === 'left' || key === 'h') move(-1);
    if (key === 'right' || key === 'l' || key === 'tab') move(1);
    if (key === 'space') view.toggle(fields[at]?.title ?? '');
    if (key === 'enter' || key === 'esc') view.setPicking(false);
  });
  const words = choices.map(({ title }, i) => {
    const text = `${view.hidden.has(title) ? '·' : '✓'} ${title}`;
    return i === at - 1 ? style.accent(style.bold(`‹${text}›`)) : ` ${text} `;
  });
  return <Lines lines={[` columns${words.join('')}`]} width={width} height={1} />;
}
