// What a SQLite file must be to be a ledger, and bringing it up to date.
import { z } from 'zod';
import { ConflictError } from '../errors.js';
import { MIGRATIONS } from './migrations.js';
import { type Connection, row } from './rows.js';

/** Marks a SQLite file as ours ("KNED"). */
const APPLICATION_ID = 0x4b4e4544;

const counted = z.object({ count: z.number().int() });

/**
 * @returns the schema version; 0 for a new file
 * @throws ConflictError when the file is not a ledger that this version can read
 */
export function identify(path: string, db: Connection): number {
  // One snapshot: another process may be creating the same ledger.
  const { applicationId, version, count } = db.transaction(() => ({
    applicationId: db.pragma('application_id', { simple: true }),
    version: Number(db.pragma('user_version', { simple: true })),
    ...row(counted, db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()),
  }))();
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

/** Whether a ledger of this version has the present schema. */
export function isPresentVersion(version: number): boolean {
  return version === MIGRATIONS.length;
}

/**
 * One transaction for all that is missing: a ledger is never between two versions.
 * @param keepCopy is called before an older ledger is changed, with its version, while nobody else can write
 */
export function migrate(db: Connection, keepCopy: (version: number) => void): void {
  db.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    const now = Number(db.pragma('user_version', { simple: true }));
    if (isPresentVersion(now)) return;
    if (now > 0) keepCopy(now);
    for (const step of MIGRATIONS.slice(now)) {
      if (typeof step === 'string') db.exec(step);
      else step(db);
    }
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}
