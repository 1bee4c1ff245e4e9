// Reading a ledger that cannot be written: a file or a directory without the permission, a read-only file system, a full
// disk. SQLite itself reads a database in WAL mode only where it can have a -shm file beside it.
import { realpathSync, type Stats, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { InputError } from '../errors.js';
import { readRegular } from '../files.js';
import type { Connection } from './rows.js';
import { identify, isPresentVersion, migrate } from './schema.js';
import { beingWritten } from './sqlite-errors.js';
import { BUSY_MS } from './writable.js';

/** What is read into memory at most. */
const LIMIT_BYTES = 2 ** 31 - 1;
const ATTEMPTS = 3;
/** Where the header says, twice, that a database is in WAL mode (2), which one in memory cannot be (1). */
const WAL_MODE_BYTES = [18, 19];

/**
 * Opens a ledger for reading alone: as it lies there while somebody has it open, else as a copy in memory, brought up to
 * date there.
 * @param file full path
 * @param path as it is called in errors
 * @param reason why it cannot be written
 * @throws InputError when it cannot be read without being written first; ConflictError when it is not a ledger, or is
 *   being written; SQLite's errors
 */
export function openReadOnly(file: string, path: string, reason: string): Connection {
  const real = realpathSync(file);
  const [log, index, journal] = ['-wal', '-shm', '-journal'].map((suffix) => statusOf(real + suffix));
  const unfinished = (log?.size ? '-wal' : undefined) ?? (journal?.size ? '-journal' : undefined);
  if (unfinished === '-wal' && index) return openShared(real, path, reason);
  if (unfinished)
    throw needsWriting(path, `${path}${unfinished} has changes that are not folded in yet`, reason);
  return openCopy(real, path);
}

/** The log of changes is there with its index: SQLite can read both. */
function openShared(file: string, path: string, reason: string): Connection {
  const db = new Database(file, { readonly: true, timeout: BUSY_MS });
  try {
    if (isPresentVersion(identify(path, db))) return db;
    throw needsWriting(path, 'it is of an older version, and has changes that are not folded in yet', reason);
  } catch (error) {
    db.close();
    throw error;
  }
}

function openCopy(file: string, path: string): Connection {
  const bytes = readQuiet(file, path);
  for (const place of WAL_MODE_BYTES) if (bytes[place] === 2) bytes[place] = 1;
  const db = new Database(bytes);
  try {
    if (!isPresentVersion(identify(path, db))) migrate(db, () => undefined);
    db.pragma('query_only = ON'); // what is written here would be lost
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The bytes of a database at a moment when nobody was changing it: whoever writes makes a -wal file first. */
function readQuiet(file: string, path: string): Buffer {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = statusOf(file);
    const bytes = readRegular(file, LIMIT_BYTES);
    const after = statusOf(file);
    const same =
      before && after && (['ino', 'size', 'mtimeMs'] as const).every((key) => before[key] === after[key]);
    if (same && !statusOf(`${file}-wal`)?.size) return bytes;
  }
  throw beingWritten(path);
}

function needsWriting(path: string, why: string, reason: string): InputError {
  return new InputError(
    `${path}: cannot be read where it cannot be written (${reason}): ${why}; copy it with its -wal file to a place ` +
      'where it can be',
  );
}

function statusOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
