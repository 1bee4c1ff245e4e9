// A list with columns: its entries, and below them what it is searched for.
import { useDesk } from '../desk.js';
import { usePress } from '../hooks/keyboard.js';
import type { TableView } from '../hooks/use-table.js';
import { Lines } from './lines.js';
import { firstShown, List } from './list.js';
import { footHeight, TableFoot } from './table-foot.js';

export interface TableListProps<T> {
  view: TableView<T>;
  active: boolean;
  width: number;
  height: number;
  /** Said where there is nothing to list. */
  empty?: string;
  /** A click chose an entry: it moves the cursor there, and on the cursor's own entry it is the enter key. */
  onChoose?: () => void;
}

export function TableList<T>({ view, active, width, height, empty = '', onChoose }: TableListProps<T>) {
  const { style } = useDesk();
  const press = usePress();
  const { shown, at, setAt } = view;
  const room = Math.max(1, height - footHeight(view));
  const top = firstShown(at, shown.length, room);
  // Only what is in sight is worked out.
  const rows = shown.map((one, i) => (i >= top && i < top + room ? view.row(one, width - 2) : ''));
  const choose = (index: number) => {
    onChoose?.();
    if (index === at && active) press('enter');
    else setAt(index);
  };
  return (
    <>
      {shown.length > 0 ? (
        <List rows={rows} cursor={at} active={active} width={width} height={room} onChoose={choose} />
      ) : (
        <Lines
          lines={['', style.dim(view.search === '' ? empty : ' nothing is found')]}
          width={width}
          height={room}
        />
      )}
      <TableFoot view={view} width={width} />
    </>
  );
}
