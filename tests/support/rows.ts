// How far a ledger has come, looked at from beside while it is written.
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';

const counted = z.object({ n: z.number() });

/** Rows of a table of the ledger; 0 while there is none. */
export function countRows(path: string, table: 'localizations' | 'score_maps' | 'edits'): number {
  if (!existsSync(path)) return 0;
  const db = new Database(path, { readonly: true });
  try {
    return counted.parse(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()).n;
  } catch {
    return 0; // not migrated yet
  } finally {
    db.close();
  }
}
