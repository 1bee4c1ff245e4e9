// The process of `checkIntegrity`: checks the file that its argument names, and sends what it found.
import { z } from 'zod';
import { errorData } from '../errors.js';
import { peek } from './database.js';
import { type Connection, rows } from './rows.js';

/** Complaints listed at most. */
const LISTED = 20;

function complaints(db: Connection): string[] {
  const integrity = rows(z.object({ integrity_check: z.string() }), all(db, `integrity_check(${LISTED})`));
  const keys = rows(z.object({ table: z.string() }), all(db, 'foreign_key_check')).slice(0, LISTED);
  return [
    ...integrity.map((one) => one.integrity_check).filter((text) => text !== 'ok'),
    ...keys.map(({ table }) => `${table}: a row refers to one that is not there`),
  ];
}

function all(db: Connection, pragma: string): unknown[] {
  const found = db.pragma(pragma);
  return Array.isArray(found) ? found : [];
}

// Ctrl-C reaches this process too; whoever started it decides.
process.on('SIGINT', () => undefined);

const [, , path = ''] = process.argv;
let found: string[];
try {
  found = peek(path, complaints) ?? [];
} catch (error) {
  found = [errorData(error).message.replace(`${path}: `, '')];
}
process.send?.(found, () => process.disconnect());
