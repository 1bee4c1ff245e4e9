// A list of things with columns: what of it is shown, in which order, and which columns. One for every list that has some.
import { useMemo, useState } from 'react';
import { fitTo } from '../../report/table.js';
import { matches } from '../matching.js';
import { useKeys } from './keyboard.js';

/** A column. */
export interface Field<T> {
  title: string;
  /** In characters; none for the one that takes what is left. */
  width?: number;
  align?: 'right';
  /** What it shows, which may hold colour codes where the column has a width. */
  show: (one: T) => string;
  /** What it is sorted by; what it shows unless given. */
  order?: (one: T) => string | number;
  /** Takes long to work out, so it is not searched. */
  slow?: boolean;
}

export interface TableView<T> {
  /** Those that are found, in order. */
  shown: readonly T[];
  search: string;
  setSearch: (text: string) => void;
  /** A text is being typed. */
  typing: boolean;
  setTyping: (typing: boolean) => void;
  /** The columns are being chosen. */
  picking: boolean;
  setPicking: (picking: boolean) => void;
  /** Titles of the columns that are not shown. */
  hidden: ReadonlySet<string>;
  toggle: (title: string) => void;
  head: (width: number) => string;
  row: (one: T, width: number) => string;
}

/** The column without a width gets so much, or columns at the end give way. */
const LEAST = 16;
const GAP = '  ';

/** @param fields the first one is never hidden */
export function useTable<T>(all: readonly T[], fields: readonly Field<T>[], active: boolean): TableView<T> {
  const [search, setSearch] = useState('');
  const [typing, setTyping] = useState(false);
  const [picking, setPicking] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [sort, setSort] = useState<{ by: number; down: boolean }>();
  const shown = useMemo(() => {
    const found = all.filter((one) => search === '' || matches(textOf(fields, one), search));
    const field = sort && fields[sort.by];
    return field ? sorted(found, field, sort.down) : found;
  }, [all, fields, search, sort]);
  useKeys(
    'table',
    {
      filter: () => setTyping(true),
      sort: () => {
        const visible = fields.flatMap(({ title }, i) => (hidden.has(title) ? [] : [i]));
        const next = visible.find((i) => i > (sort?.by ?? -1));
        setSort(next === undefined ? undefined : { by: next, down: false });
      },
      turn: () => setSort({ by: sort?.by ?? 0, down: !sort?.down }),
      columns: () => setPicking(true),
    },
    active && !typing && !picking,
  );
  const toggle = (title: string) => {
    if (title === fields[0]?.title) return;
    const next = new Set(hidden);
    if (!next.delete(title)) next.add(title);
    setHidden(next);
  };
  const line = (width: number, cellOf: (field: Field<T>, i: number) => string) => {
    const visible = fields.flatMap((field, i) => (hidden.has(field.title) ? [] : [{ field, i }]));
    const room = () =>
      width - visible.reduce((sum, { field }) => sum + (field.width ?? 0) + GAP.length, -GAP.length);
    while (room() < LEAST && visible.length > 2) visible.pop();
    return visible
      .map(({ field, i }) => fitTo(cellOf(field, i), field.width ?? Math.max(1, room()), field.align))
      .join(GAP);
  };
  const mark = (i: number) => (sort?.by === i ? (sort.down ? '↓' : '↑') : '');
  return {
    shown,
    ...{ search, setSearch, typing, setTyping, picking, setPicking, hidden, toggle },
    head: (width) => line(width, ({ title }, i) => `${mark(i)}${title}`),
    row: (one, width) => line(width, ({ show }) => show(one)),
  };
}

function textOf<T>(fields: readonly Field<T>[], one: T): string {
  return fields.flatMap(({ slow, show }) => (slow ? [] : [show(one)])).join(' ');
}

function sorted<T>(all: readonly T[], { show, order = show }: Field<T>, down: boolean): T[] {
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return [...all].sort((a, b) => (down ? -1 : 1) * compare(order(a), order(b)));
}
