// A run that is joined to another: it is read, and left as it is.
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';
import type { Connection } from '../ledger/rows.js';
import { isBusy, isUnwritable, translate } from '../ledger/sqlite-errors.js';
import { atWork, BUSY_MS, expectRun, RUN } from './run-schema.js';

export interface RunPart {
  /** Its run.db. */
  path: string;
  /** How many jobs it has by its manifest. */
  jobs: number;
}

/**
 * Opens a run for reading only; nobody writes there until it is closed.
 * @throws InputError when it is not there, cannot be read, or has other jobs than its manifest says; ConflictError when it is
 *   no run, or a sweep is at work there
 */
export function openPart({ path, jobs }: RunPart): Connection {
  if (!isPresent(path))
    throw new InputError(`${path}: is missing, and with it the results; copy run directories whole`);
  let db: Connection | undefined;
  try {
    db = new Database(resolve(path), { readonly: true, timeout: BUSY_MS });
    expectRun(path, db);
    db.exec('BEGIN');
    const found = Number(db.prepare('SELECT count(*) FROM jobs').pluck().get());
    if (found === jobs) return db;
    throw new InputError(
      `${path}: has ${found} jobs where manifest.json has ${jobs}; give the command of its sweep again`,
    );
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw atWork(path);
    if (!isUnwritable(error)) throw translate(path, error, RUN);
    throw new InputError(
      `${path}: cannot be read: ${error.message}; if its sweep was killed, give its command again`,
    );
  }
}
