// The ledger's file: made when something is first written, read where it cannot be written, and never mistaken for
// another one that took its place.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { ConflictError, InputError, KnEditError, systemReason } from '../errors.js';
import { isPresent } from '../files.js';
import { openReadOnly } from './read-only.js';
import type { Connection } from './rows.js';
import { identify, migrate } from './schema.js';
import { cannotBeWritten, isUnwritable, translateOpening } from './sqlite-errors.js';
import { createEmpty, openAsItIs, openWritable } from './writable.js';

/** Device and inode: the file itself, whatever it is called. */
type Identity = string;

export class LedgerFile {
  /** What a user should know of it; whoever shows them takes them out. */
  readonly notes: string[] = [];
  /** Is part of everything that is written. */
  onWrite: () => void = () => undefined;

  private constructor(
    readonly path: string,
    private connection: Connection,
    /** Undefined until there is a file. */
    private identity: Identity | undefined,
    /** Why nothing can be written, in words. */
    private obstacle?: string,
  ) {}

  /**
   * Opens the ledger at a path; of one that is not there, nothing is made before something is written.
   * @throws InputError when the path cannot be used; ConflictError when the file is not a ledger, is newer than this
   *   version, or is locked. A file that is refused is left as it was.
   */
  static open(path: string): LedgerFile {
    checkPath(path);
    const identity = identityOf(path);
    if (!identity) return new LedgerFile(path, emptyDatabase(), undefined);
    const file = resolve(path);
    const readOnly = (reason: string) =>
      new LedgerFile(path, openReadOnly(file, path, reason), identity, reason);
    try {
      const obstacle = whyUnwritable(file);
      if (obstacle !== undefined) return readOnly(obstacle);
      try {
        return new LedgerFile(path, openWritable(file, path), identity);
      } catch (error) {
        if (!isUnwritable(error)) throw error; // else a full disk, or one that fails
        return readOnly(error.message);
      }
    } catch (error) {
      throw translateOpening(path, error);
    }
  }

  /** What is read from; an empty database while there is no file. */
  get db(): Connection {
    return this.connection;
  }

  /** Whether there is a file. */
  get exists(): boolean {
    return this.identity !== undefined;
  }

  /** Whether this is still what lies at the path. */
  get isCurrent(): boolean {
    return identityOf(this.path) === this.identity;
  }

  /** @throws InputError when it is known already that nothing can be written */
  expectWritable(): void {
    const reason = this.obstacle ?? (this.identity ? undefined : whyUnwritable(nearest(resolve(this.path))));
    if (reason !== undefined) throw cannotBeWritten(this.path, reason);
  }

  /**
   * Writes: all that `work` does, or nothing of it.
   * @param landed tells whether that is in the file. It is asked when the disk fails at the commit: what was handed to it
   *   by then may be there all the same, for whoever opens the file next
   * @throws InputError when the file cannot be written; ConflictError when it was deleted or replaced since it was opened;
   *   whatever `work` throws
   */
  write<T>(work: () => T, landed?: () => boolean): T {
    this.expectWritable();
    if (!this.identity) this.create();
    const done: T[] = [];
    try {
      this.connection
        .transaction(() => {
          this.onWrite();
          done.push(work());
          this.expectCurrent();
        })
        .immediate();
    } catch (error) {
      if (done.length === 0 || !landed || !isUnwritable(error)) throw error;
      this.afterFailedCommit(error, landed);
    }
    return done[0] as T;
  }

  /** @throws InputError unless what was written is there */
  private afterFailedCommit({ message }: Error, landed: () => boolean): void {
    const failed = `${this.path}: the disk failed while the ledger was written (${message})`;
    let found: boolean;
    try {
      this.reopen();
      found = landed();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InputError(
        `${failed}, and it cannot be told whether it was recorded (${why}); check the disk, then see kn-edit history`,
      );
    }
    if (!found) throw new InputError(`${failed}; nothing was recorded, check the disk`);
    this.notes.push(`${failed}: it was recorded, but may not outlast a power failure; check the disk`);
  }

  /** Writes what can be had again: where a ledger cannot be written, nothing happens. */
  cache<T>(work: () => T): T | undefined {
    if (this.obstacle !== undefined) return undefined;
    try {
      return this.write(work);
    } catch (error) {
      if (!this.identity || !isUnwritable(error)) throw error;
      this.obstacle = error.message;
      return undefined;
    }
  }

  /**
   * Gives the room of what was deleted back to the disk.
   * @throws SQLite's errors, also when another program is writing; InputError when nothing can be written
   */
  compact(): void {
    this.expectWritable();
    this.connection.exec('VACUUM');
    this.connection.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Its size with all that SQLite keeps beside it, in bytes. */
  get bytes(): number {
    const file = resolve(this.path);
    return [file, `${file}-wal`].reduce(
      (sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  /** Opens the same file anew, as whoever comes next will find it. @throws as `open` does */
  reopen(): void {
    this.connection.close();
    const { connection, identity, obstacle } = LedgerFile.open(this.path);
    this.connection = connection;
    this.identity = identity;
    this.obstacle = obstacle;
  }

  close(): void {
    this.connection.close();
  }

  private create(): void {
    const file = resolve(this.path);
    try {
      createEmpty(file);
      const created = openWritable(file, this.path);
      this.connection.close();
      this.connection = created;
      this.identity = identityOf(this.path);
    } catch (error) {
      const translated = translateOpening(this.path, error);
      if (translated instanceof KnEditError) throw translated;
      throw cannotBeWritten(this.path, systemReason(error));
    }
  }

  private expectCurrent(): void {
    if (this.isCurrent) return;
    const what = isPresent(this.path) ? 'replaced by another file' : 'deleted';
    throw new ConflictError(
      `${this.path}: the ledger was ${what} while kn-edit had it open; nothing was recorded, run it again`,
    );
  }
}

/** Whether there is a ledger at a path. @throws InputError when that cannot be told */
export function isThere(path: string): boolean {
  try {
    return isPresent(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message}; choose another --db`);
  }
}

/** @throws InputError for a path that no file can have */
function checkPath(path: string): void {
  const directory = /[\\/]$/.test(path) || (path !== '' && isThere(path) && statSync(path).isDirectory());
  if (directory) throw new InputError(`${path}: is a directory; --db takes the path of a file`);
  if (path === '') throw new InputError('the path of the ledger is empty; choose another --db');
}

function identityOf(path: string): Identity | undefined {
  const status = statSync(path, { throwIfNoEntry: false, bigint: true });
  return status && `${status.dev}:${status.ino}`;
}

/**
 * Reads from a ledger that may be another model's, or of an older version: it stays as it is.
 * @returns undefined for a file without anything in it
 */
export function peek<T>(path: string, read: (db: Connection) => T): T | undefined {
  const file = resolve(path);
  let db: Connection | undefined;
  try {
    const look = (opened: Connection) => {
      db = opened;
      return identify(path, db) > 0 ? read(db) : undefined;
    };
    const obstacle = whyUnwritable(file);
    if (obstacle !== undefined) return look(openReadOnly(file, path, obstacle));
    try {
      return look(openAsItIs(file));
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      db?.close();
      return look(openReadOnly(file, path, error.message));
    }
  } catch (error) {
    throw translateOpening(path, error);
  } finally {
    db?.close();
  }
}

/** Why a file, or anything beside it, cannot be written, in words. */
function whyUnwritable(file: string): string | undefined {
  try {
    const real = realpathSync(file);
    accessSync(real, constants.W_OK);
    if (!statSync(real).isDirectory()) accessSync(dirname(real), constants.W_OK); // SQLite keeps files beside it
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}

/** The nearest directory that there is on the way to a file. */
function nearest(file: string): string {
  const directory = dirname(file);
  return isThere(directory) ? directory : nearest(directory);
}

/** Stands for a ledger that is not there. */
function emptyDatabase(): Connection {
  const db = new Database(':memory:');
  migrate(db, () => undefined);
  return db;
}
