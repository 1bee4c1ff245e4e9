// Opening a ledger that can be written: creating it, and bringing it up to date.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { InputError, systemReason } from '../errors.js';
import { isPresent, makeDirectories } from '../files.js';
import type { Connection } from './rows.js';
import { identify, isPresentVersion, migrate } from './schema.js';
import { isBusy } from './sqlite-errors.js';

/** How long opening waits for a program that is writing. */
export const BUSY_MS = 5000;
/** How long a write does: nothing else happens meanwhile, so who has more patience tries again. */
const WRITE_MS = 200;
/** Prompts can be private: a ledger is its owner's alone. SQLite gives its -wal and -shm files the same mode. */
const MODE = 0o600;

/**
 * Opens a ledger for writing, creating or migrating it as needed; of one that is migrated, a copy stays beside it
 * (`PATH.v1`).
 * @param file full path: for SQLite, '' and ':memory:' are databases that nobody keeps
 * @param path as it is called in errors
 * @throws SQLite's errors; ConflictError when it is not a ledger that this version can read; InputError when there is no
 *   room for the copy. A file that is refused is left as it was.
 */
export function openWritable(file: string, path: string): Connection {
  // Closing a connection that can write folds a -wal file into its database: not into another program's.
  if (isPresent(`${file}-wal`)) inspect(file, path);
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    const version = identify(path, db);
    enableWal(db);
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    if (!isPresentVersion(version))
      migrate(db, (now) => keepCopy(file, `${path}.v${now}`, `${file}.v${now}`));
    db.pragma(`busy_timeout = ${WRITE_MS}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Makes a new, empty file and the directories that it needs, if it is not there yet.
 * @throws the system's errors
 */
export function createEmpty(file: string): void {
  makeDirectories(dirname(file));
  try {
    closeSync(openSync(file, 'wx', MODE));
  } catch (error) {
    if (!isPresent(file)) throw error; // another process may have been faster
  }
}

/**
 * Opens a database for a look at it. A connection that can write takes its -wal and -shm files along when it closes; so one
 * that cannot is used only where such files are there already.
 */
export function openAsItIs(file: string): Connection {
  return new Database(file, { readonly: isPresent(`${file}-wal`), fileMustExist: true, timeout: BUSY_MS });
}

function inspect(file: string, path: string): void {
  const db = openAsItIs(file);
  try {
    identify(path, db);
  } finally {
    db.close();
  }
}

/** SQLite does not wait by itself when two processes switch a new file at the same time. */
function enableWal(db: Connection): void {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * Copies a ledger as it was last committed, whole or not at all. The caller holds the write lock.
 * @param called the copy's path as it is called in errors
 * @throws InputError when there is no room for it
 */
function keepCopy(file: string, called: string, copy: string): void {
  const unfinished = `${copy}.tmp`;
  try {
    rmSync(unfinished, { force: true });
    writeFileSync(unfinished, '', { mode: MODE, flag: 'wx' });
    const reader = new Database(file, { readonly: true });
    try {
      reader.prepare('VACUUM INTO ?').run(unfinished);
    } finally {
      reader.close();
    }
    const handle = openSync(unfinished, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new InputError(
      `${called}: the copy of the older ledger cannot be written: ${systemReason(error)}; make room for it`,
    );
  }
}
