// Opening a ledger file: what it is, whose it is, which version it has, and bringing it up to date.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { ConflictError, InputError, systemReason } from '../errors.js';
import { MIGRATIONS } from './migrations.js';

export type Connection = Database.Database;

/** Marks a SQLite file as ours ("KNED"). */
const APPLICATION_ID = 0x4b4e4544;
/** How long a writer waits for another one. */
const BUSY_MS = 5000;

/**
 * Opens a ledger, creating or migrating it as needed; of one that is migrated, a copy stays beside it (`PATH.v1`).
 * @throws InputError when the path cannot be used; ConflictError when the file is not a ledger, is newer than this
 *   version, or is locked. A file that is refused is left as it was.
 */
export function openDatabase(path: string): Connection {
  // Closing a connection that can write folds a -wal file into its database: not into another program's.
  if (existsSync(`${path}-wal`)) inspect(path);
  let db: Connection;
  try {
    makeDirectories(dirname(resolve(path)));
    // The full path: for SQLite, '' and ':memory:' are databases that nobody keeps.
    db = new Database(resolve(path), { timeout: BUSY_MS });
  } catch (error) {
    throw new InputError(`${path}: the ledger cannot be opened: ${systemReason(error)}; choose another --db`);
  }
  try {
    const connection = db;
    // One snapshot: another process may be creating the same ledger.
    const version = db.transaction(() => identify(path, connection))();
    enableWal(db);
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    migrate(path, db, version);
    return db;
  } catch (error) {
    db.close();
    throw translate(path, error);
  }
}

/** Node's own recursive mkdir never returns below /proc. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return;
  makeDirectories(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // another process may have been faster
  }
}

/** @throws ConflictError when the file is not a ledger that this version can read */
function inspect(path: string): void {
  let db: Connection | undefined;
  try {
    db = new Database(resolve(path), { readonly: true, timeout: BUSY_MS });
    identify(path, db);
  } catch (error) {
    throw translate(path, error);
  } finally {
    db?.close();
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
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** @returns the schema version; 0 for a new file */
function identify(path: string, db: Connection): number {
  const applicationId = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  if (count === 0 && version === 0) return 0;
  if (applicationId !== APPLICATION_ID) {
    throw new ConflictError(`${path}: is a SQLite file, but not a kn-edit ledger; choose another --db`);
  }
  if (version > MIGRATIONS.length) {
    throw new ConflictError(
      `${path}: the ledger has version ${version}, this kn-edit knows up to ${MIGRATIONS.length}; update kn-edit`,
    );
  }
  return version;
}

/** One transaction for all that is missing: a ledger is never between two versions. */
function migrate(path: string, db: Connection, from: number): void {
  if (from === MIGRATIONS.length) return;
  db.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    const now = Number(db.pragma('user_version', { simple: true }));
    if (now === MIGRATIONS.length) return;
    if (now > 0) keepCopy(path, `${path}.v${now}`);
    for (const sql of MIGRATIONS.slice(now)) db.exec(sql);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

/**
 * Copies a ledger as it was last committed, whole or not at all. The caller holds the write lock.
 * @throws InputError when there is no room for it
 */
function keepCopy(path: string, copy: string): void {
  const unfinished = `${copy}.tmp`;
  try {
    rmSync(unfinished, { force: true });
    const reader = new Database(resolve(path), { readonly: true });
    try {
      reader.prepare('VACUUM INTO ?').run(resolve(unfinished));
    } finally {
      reader.close();
    }
    const file = openSync(unfinished, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new InputError(
      `${copy}: the copy of the older ledger cannot be written: ${systemReason(error)}; make room for it`,
    );
  }
}

/** SQLite's own errors, in words. */
export function translate(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_NOTADB') {
    return new ConflictError(`${path}: is not a SQLite file; choose another --db`);
  }
  if (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED')) {
    return new ConflictError(`${path}: another process is writing to the ledger; try again when it is done`);
  }
  if (error.code.startsWith('SQLITE_CORRUPT')) {
    return new ConflictError(`${path}: the ledger is damaged (${error.message}); restore it from a copy`);
  }
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|IOERR|FULL)/.test(error.code)) {
    return new InputError(
      `${path}: the ledger cannot be written (${error.message}); choose a --db that can be`,
    );
  }
  return new ConflictError(`${path}: the ledger is damaged (${error.message}); restore it from a copy`);
}
