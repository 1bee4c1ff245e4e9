// What a run's SQLite file is made of, and how it is told from other files.
import { ConflictError } from '../errors.js';
import type { Connection } from '../ledger/rows.js';
import type { FileKind } from '../ledger/sqlite-errors.js';

/** Marks a SQLite file as a run ("KNSW"). */
export const APPLICATION_ID = 0x4b4e5357;
export const VERSION = 1;

export const RUN: FileKind = {
  noun: 'run',
  option: '--out',
  fix: 'make room, or choose another --out; what is done is kept',
};

/** How long opening waits: another program may be looking at it. */
export const BUSY_MS = 500;

/** What is not there yet of it is made: older runs have fewer tables. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    -- Jobs of one group are computed together.
    grouped INTEGER NOT NULL,
    job TEXT NOT NULL,
    -- 'claimed': by this program, which it may end; 'sent': to a worker elsewhere, which it may end, too.
    state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'sent', 'done', 'failed')),
    tries INTEGER NOT NULL DEFAULT 0,
    kind TEXT CHECK (kind IN ('input', 'crash')),
    message TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (state, tries, grouped);
  CREATE INDEX IF NOT EXISTS jobs_places ON jobs (place);
  -- A result outlives the plan that asked for it: the same fact is not computed twice. Its JSON, compressed, without the place.
  CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, result BLOB NOT NULL) STRICT;
  -- What is worth keeping beside results: what the background says, which facts the model knows.
  CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  -- A failure outlives its plan, too: jobs that failed and that the present plan does not ask for.
  CREATE TABLE IF NOT EXISTS failures (
    key TEXT PRIMARY KEY,
    tries INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL
  ) STRICT;
  -- Of a sequential sweep, which edits lay beneath each when it was made (a hash), and what it left behind: its probes,
  -- compressed, and the vectors that it changed. Older runs have "edits", which do not say what lay beneath them.
  CREATE TABLE IF NOT EXISTS made (
    key TEXT PRIMARY KEY,
    beneath TEXT NOT NULL,
    probes BLOB NOT NULL,
    vectors BLOB NOT NULL
  ) STRICT;
`;

/** Whether nobody has written into the file yet. */
export function isEmpty(db: Connection): boolean {
  const { version, id } = signature(db);
  return version === 0 && id === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
}

/** @throws ConflictError when it is no run, or one that this version cannot read */
export function expectRun(path: string, db: Connection): void {
  const { version, id } = signature(db);
  if (id !== APPLICATION_ID) {
    throw new ConflictError(`${path}: is a SQLite file, but no run of a sweep; choose another --out`);
  }
  if (version > VERSION) throw new ConflictError(`${path}: the run is of a newer kn-edit; update kn-edit`);
}

/** That another process holds it. */
export function atWork(path: string): ConflictError {
  return new ConflictError(
    `${path}: another sweep is at work there; wait until it has ended, or choose another --out`,
  );
}

function signature(db: Connection) {
  return {
    version: Number(db.pragma('user_version', { simple: true })),
    id: Number(db.pragma('application_id', { simple: true })),
  };
}
