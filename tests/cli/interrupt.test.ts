// Ctrl-C in the middle of the work: exit 130, the ledger is sound, and nothing that was cached is lost.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MAIN, ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

function count(path: string, table: 'score_maps' | 'edits'): number {
  if (!existsSync(path)) return 0;
  const db = new Database(path, { readonly: true });
  try {
    const found = db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number };
    return found.n;
  } catch {
    return 0; // not migrated yet
  } finally {
    db.close();
  }
}

it('stops an apply while it locates', async () => {
  const path = join(temporaryDirectory(), 'ledger.db');
  const edit = join(ROOT, 'edits/fix-capital.json');
  const child = spawn(process.execPath, [MAIN, 'apply', edit, '--db', path], { cwd: ROOT });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (count(path, 'score_maps') < 20) await setTimeout(20);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toMatch(/^kn-edit: interrupted; nothing was changed\n$/);
  expect(count(path, 'score_maps')).toBeGreaterThanOrEqual(20);
  expect(count(path, 'edits')).toBe(0);
  const db = new Database(path);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});
