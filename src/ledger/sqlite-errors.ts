// SQLite's own errors, in words.
import Database from 'better-sqlite3';
import { ConflictError, InputError } from '../errors.js';

/** What a SQLite file is to a user. */
export interface FileKind {
  noun: string;
  /** The option that names it. */
  option: string;
  /** What helps where it cannot be written. */
  fix: string;
}

const LEDGER: FileKind = { noun: 'ledger', option: '--db', fix: 'choose a --db that can be' };

/** An error of SQLite as one that a user can read; any other error as it is. */
export function translate(path: string, error: unknown, kind = LEDGER): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code, message } = error;
  if (code === 'SQLITE_NOTADB')
    return new ConflictError(`${path}: is not a SQLite file; choose another ${kind.option}`);
  if (isBusy(error)) return beingWritten(path, kind);
  if (isUnwritable(error)) return cannotBeWritten(path, message, kind);
  if (code === 'SQLITE_TOOBIG') return new InputError(`${path}: too large to be recorded (${message})`);
  // What is about to be written is ours: that it does not fit is a defect, and not the ledger's.
  if (/^SQLITE_(CONSTRAINT|MISMATCH|RANGE|MISUSE|NOMEM)/.test(code)) return error;
  return damaged(path, message, kind);
}

/** The same where nothing of ours is written yet, as when a ledger is brought up to date. */
export function translateOpening(path: string, error: unknown, kind = LEDGER): unknown {
  const translated = translate(path, error, kind);
  return translated instanceof Database.SqliteError ? damaged(path, translated.message, kind) : translated;
}

function damaged(path: string, message: string, { noun }: FileKind): ConflictError {
  return new ConflictError(`${path}: the ${noun} is damaged (${message}); restore it from a copy`);
}

/** That another program is writing. */
export function beingWritten(path: string, { noun } = LEDGER): ConflictError {
  return new ConflictError(`${path}: another process is writing to the ${noun}; try again when it is done`);
}

/** Whether another program is writing. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** Whether SQLite says that a file, or the place where it lies, cannot be written. */
export function isUnwritable(error: unknown): error is Error {
  return (
    error instanceof Database.SqliteError && /^SQLITE_(READONLY|CANTOPEN|PERM|IOERR|FULL)/.test(error.code)
  );
}

/** @param reason why, in words */
export function cannotBeWritten(path: string, reason: string, { noun, fix } = LEDGER): InputError {
  return new InputError(`${path}: the ${noun} cannot be written: ${reason}; ${fix}`);
}
