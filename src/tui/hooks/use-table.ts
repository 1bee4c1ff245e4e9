// A list of things with columns: what of it is shown, in which order, and which columns. One for every list that has some.
import { useMemo, useState } from 'react';
import stringWidth from 'string-width';
import { fitTo } from '../../report/table.js';
import { matches } from '../matching.js';
import { useKeys } from './keyboard.js';
import { useCopy } from './use-copy.js';
import { useCursor } from './use-cursor.js';

/** A column. */
export interface Field<T> {
  title: string;
  /** In characters, or as wide as each entry needs it; none for the one that takes what is left. */
  width?: number | 'own';
  align?: 'right';
  /** What it shows, which may hold colour codes where the column has a width that nothing in it is wider than. */
  show: (one: T) => string;
  /** The tone of all that it shows, in place of such codes. */
  tone?: (text: string, one: T) => string;
  /** What it is sorted by; what it shows unless given. */
  order?: (one: T) => string | number;
  /** What it is found by, where that is not what it shows; nothing where that takes long to work out. */
  words?: (one: T) => string;
}

export interface TableView<T> {
  /** Those that are found, in order. */
  shown: readonly T[];
  /** Where the cursor is among them. */
  at: number;
  setAt: (index: number) => void;
  search: string;
  setSearch: (text: string) => void;
  /** Shows all again. @returns whether that changes anything */
  clear: () => boolean;
  /** A text is being typed. */
  typing: boolean;
  /** Begins a new search; the one before is kept until then. */
  startSearch: () => void;
  /** Ends the typing. @param taken otherwise what was searched for before is shown again */
  endSearch: (taken: boolean) => void;
  /** The columns are being chosen. */
  picking: boolean;
  setPicking: (picking: boolean) => void;
  fields: readonly Field<T>[];
  /** Titles of the columns that are not shown. */
  hidden: ReadonlySet<string>;
  toggle: (title: string) => void;
  /** The column that it is sorted by; empty where it stands in its own order. */
  order: string;
  head: (width: number) => string;
  row: (one: T, width: number) => string;
}

/** The column without a width gets so much, or columns at the end give way. */
const LEAST = 15;
const GAP = '  ';

/**
 * @param fields the first one is never hidden
 * @param page entries that a page key moves by
 * @param active the keys go to this list
 * @param beyond what a search finds, too, and what is not shown without one
 */
export function useTable<T>(
  all: readonly T[],
  fields: readonly Field<T>[],
  page: number,
  active: boolean,
  beyond: readonly T[] = [],
): TableView<T> {
  const [search, searchFor] = useState('');
  const [typing, setTyping] = useState(false);
  const [before, setBefore] = useState('');
  const [picking, setPicking] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [sort, setSort] = useState<{ by: number; down: boolean }>();
  const shown = useMemo(() => {
    const found =
      search === '' ? all : [...all, ...beyond].filter((one) => matches(wordsOf(fields, one), search));
    const field = sort && fields[sort.by];
    return field ? sorted(found, field, sort.down) : found;
  }, [all, beyond, fields, search, sort]);
  const [at, setAt] = useCursor(shown.length, page, active);
  const copy = useCopy();
  useKeys(
    'table',
    {
      filter: startSearch,
      sort: () => {
        const visible = fields.flatMap(({ title }, i) => (hidden.has(title) ? [] : [i]));
        const next = visible.find((i) => i > (sort?.by ?? -1));
        setSort(next === undefined ? undefined : { by: next, down: false });
      },
      turn: () => setSort({ by: sort?.by ?? 0, down: !sort?.down }),
      columns: () => setPicking(true),
      copy: () => {
        const one = shown[at];
        if (one !== undefined) copy(fields.map(({ show }) => show(one)).join('\t'));
      },
    },
    active,
  );
  const toggle = (title: string) => {
    if (title === fields[0]?.title) return;
    const next = new Set(hidden);
    if (!next.delete(title)) next.add(title);
    setHidden(next);
  };
  function setSearch(text: string) {
    searchFor(text);
    setAt(0);
  }
  function startSearch() {
    setBefore(search);
    setSearch('');
    setTyping(true);
  }
  const endSearch = (taken: boolean) => {
    setTyping(false);
    if (!taken) setSearch(before);
  };
  const clear = () => {
    if (search === '') return false;
    setSearch('');
    return true;
  };
  const mark = (i: number) => (sort?.by === i ? (sort.down ? '↓' : '↑') : '');
  /** The column that it is sorted by has a sign in its head. */
  const widthOf = ({ title, width }: Field<T>, i: number) =>
    typeof width === 'number' && mark(i) ? Math.max(width, stringWidth(title) + 1) : width;
  const line = (width: number, textOf: (field: Field<T>, i: number) => string, one?: T) => {
    const cells = fields.flatMap((field, i) => {
      if (hidden.has(field.title)) return [];
      const text = textOf(field, i);
      const given = widthOf(field, i);
      const own = Math.min(stringWidth(text), Math.floor(width / 2));
      return given === 'own' && own === 0 ? [] : [{ field, text, width: given === 'own' ? own : given }];
    });
    const room = () =>
      cells.reduce((left, cell) => left - (cell.width ?? 0) - GAP.length, width + GAP.length);
    while (room() < LEAST && cells.length > 2) {
      cells.splice(
        cells.findLastIndex((cell) => cell.width !== undefined),
        1,
      );
    }
    const rest = Math.max(1, room());
    return cells
      .map(({ field, text, width: own = rest }) => {
        const fitted = fitTo(text, own, field.align);
        return one === undefined ? fitted : (field.tone?.(fitted, one) ?? fitted);
      })
      .join(GAP);
  };
  return {
    ...{ shown, at, setAt },
    ...{
      search,
      setSearch,
      clear,
      typing,
      startSearch,
      endSearch,
      picking,
      setPicking,
      fields,
      hidden,
      toggle,
    },
    order: sort ? `${mark(sort.by)}${fields[sort.by]?.title}` : '',
    head: (width) => line(width, ({ title }, i) => `${mark(i)}${title}`).trimEnd(),
    row: (one, width) => line(width, ({ show }) => show(one), one),
  };
}

function wordsOf<T>(fields: readonly Field<T>[], one: T): string {
  return fields.map(({ show, words = show }) => words(one)).join(' ');
}

function sorted<T>(all: readonly T[], { show, order = show }: Field<T>, down: boolean): T[] {
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return [...all].sort((a, b) => (down ? -1 : 1) * compare(order(a), order(b)));
}
