// Reading data sets: a file of one of the formats, or a directory of several files.

import { relative } from 'node:path';
import { InputError } from '../errors.js';
import { isDirectory, jsonFilesIn } from './files.js';
import { isPararel, PARAREL, readPararel } from './formats/pararel.js';
import { patiently } from './patient.js';
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
  const reader = new SetReader(openSet(path));
  for (const record of reader.set.records()) reader.add(record);
  return reader.reading();
}

/** The same for a program that may be interrupted meanwhile. @throws InterruptedError when the signal fires */
export async function readSetPatiently(path: string, signal?: AbortSignal): Promise<SetReading> {
  const reader = new SetReader(openSet(path));
  for await (const record of patiently(reader.set.records(), signal)) reader.add(record);
  return reader.reading();
}

/** Gathers the records of a set. */
class SetReader {
  private readonly items: SetItem[] = [];
  private readonly setAside: SetAside[] = [];
  private readonly leftOut = new Reasons();
  private records = 0;

  constructor(readonly set: OpenSet) {}

  add({ items, setAside, place, leftOut }: ReadRecord): void {
    this.records++;
    this.items.push(...items);
    if (setAside !== undefined) this.setAside.push({ place, reason: setAside });
    for (const reason of leftOut) this.leftOut.add(reason);
  }

  reading(): SetReading {
    const { records, items, setAside } = this;
    const { format, title } = this.set;
    return { format, title, records, items, setAside, leftOut: this.leftOut.list() };
  }
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
  const files = jsonFilesIn(path).map((file) => recognise(file));
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
