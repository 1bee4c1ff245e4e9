// A data set as JSON Lines of kn-edit's own: an item per line, as `readSet` gives it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { InputError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';
import { temporaryName, unfinished } from '../unfinished.js';
import { itemLine } from './formats/kn-edit.js';
import { patiently } from './patient.js';
import { openSet } from './read.js';
import { type ReasonCount, Reasons } from './reasons.js';

/** What was written. */
export interface Conversion {
  format: string;
  records: number;
  items: number;
  /** Records that are no items. */
  setAside: ReasonCount[];
  /** Parts of records that are not used. */
  leftOut: ReasonCount[];
  out: string;
}

/**
 * Writes the items of a set to a new file, record by record, whole or not at all.
 * @throws InputError that names file, record and field; when there is a file already, or it cannot be written; InterruptedError when the
 *   signal fires
 */
export async function convertSet(path: string, out: string, signal?: AbortSignal): Promise<Conversion> {
  const { format, records } = openSet(path);
  if (isPresent(out)) throw new InputError(`${out}: exists already; choose another --out`);
  const setAside = new Reasons();
  const leftOut = new Reasons();
  const counts = { records: 0, items: 0 };
  const temporary = temporaryName(out);
  const whole = unfinished(temporary);
  try {
    const fd = writing(out, () => openSync(temporary, 'wx'));
    try {
      for await (const record of patiently(records(), signal)) {
        counts.records++;
        if (record.setAside !== undefined) setAside.add(record.setAside);
        for (const reason of record.leftOut) leftOut.add(reason);
        for (const item of record.items) {
          counts.items++;
          writing(out, () => writeSync(fd, itemLine(item)));
        }
      }
      writing(out, () => fsyncSync(fd));
    } finally {
      closeSync(fd);
    }
    writing(out, () => renameSync(temporary, out));
  } finally {
    rmSync(temporary, { force: true });
    whole();
  }
  return { format, ...counts, setAside: setAside.list(), leftOut: leftOut.list(), out };
}

function writing<T>(out: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new InputError(`${out}: cannot be written: ${systemReason(error)}; choose another --out`);
  }
}
