// Reading data sets: a file of one of the formats, or a directory of several files.

import { relative } from 'node:path';
import { InputError } from '../errors.js';
import { isDirectory, jsonFilesIn } from './files.js';
import { isPararel, PARAREL, readPararel } from './formats/pararel.js';
import { type ReasonCount, Reasons } from './reasons.js';
import { type Recognised, recognise } from './recognise.js';
import type { ReadRecord, SetAside, SetItem } from './set.js';

/** A set of which the format is known, and that is not read yet. */
export interface OpenSet {
  /** One word. */
  format: string;
  /** For people. */
  title: string;
  /**
   * Its records one by one, from the start at every call. Of a file with a record per line no more than one is in memory.
   * @throws InputError that names file, record and field
   */
  records(): Iterable<ReadRecord>;
}

/** A set that was read. */
export interface SetReading {
  format: string;
  title: string;
  /** How many records it has. */
  records: number;
  items: SetItem[];
  /** The records that are no items. */
  setAside: SetAside[];
  /** Parts of records that are not used. */
  leftOut: ReasonCount[];
}

/** Reads a data set, whole. @throws InputError that names file, record and field */
export function readSet(path: string): SetReading {
  const { format, title, records } = openSet(path);
  const items: SetItem[] = [];
  const setAside: SetAside[] = [];
  const leftOut = new Reasons();
  let count = 0;
  for (const record of records()) {
    count++;
    items.push(...record.items);
    if (record.setAside !== undefined) setAside.push({ place: record.place, reason: record.setAside });
    for (const reason of record.leftOut) leftOut.add(reason);
  }
  return { format, title, records: count, items, setAside, leftOut: leftOut.list() };
}

/**
 * Opens a data set: a file, or a directory with ParaRel's patterns and facts, or with files of one format.
 * @throws InputError when it cannot be read, or is of no format that is known
 */
export function openSet(path: string): OpenSet {
  if (!isDirectory(path)) {
    const file = recognise(path);
    return { ...named(file.format), records: () => withOwnIds(readFile(file)) };
  }
  const files = jsonFilesIn(path).map(recognise);
  if (isPararel(files)) return { ...named(PARAREL), records: () => withOwnIds(readPararel(path, files)) };
  const [first, ...others] = files;
  const other = others.find(({ format }) => format !== first?.format);
  if (!first || other) {
    throw new InputError(
      `${path}: holds ${first?.format.title} (${first && relative(path, first.path)}) and ` +
        `${other?.format.title} (${other && relative(path, other.path)}); name one file`,
    );
  }
  return {
    ...named(first.format),
    *records() {
      yield* withOwnIds(inOrder(path, files));
    },
  };
}

function named({ name, title }: { name: string; title: string }) {
  return { format: name, title };
}

function readFile({ path, format, entries }: Recognised): Iterable<ReadRecord> {
  return format.read(entries.all(), path);
}

function* inOrder(directory: string, files: readonly Recognised[]): Generator<ReadRecord> {
  for (const file of files) {
    const name = relative(directory, file.path);
    for (const record of readFile(file)) {
      const place = `${name}: ${record.place}`;
      yield { ...record, place, items: record.items.map((item) => ({ ...item, place })) };
    }
  }
}

/** The facts have their items' ids; one that comes again is numbered: `17`, `17#2`. */
function* withOwnIds(records: Iterable<ReadRecord>): Generator<ReadRecord> {
  const taken = new Set<string>();
  for (const record of records) {
    const items = record.items.map((item) => {
      let { id } = item;
      for (let time = 2; taken.has(id); time++) id = `${item.id}#${time}`;
      taken.add(id);
      return { ...item, id, fact: { ...item.fact, id } };
    });
    yield { ...record, items };
  }
}
