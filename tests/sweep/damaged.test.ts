// What a sweep says of a run's file that holds what no sweep wrote.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { expectFailure } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { smallSet, sweepCli } from './runs.js';

it('names the run that is damaged, and not the ledger or what is written of it', async () => {
  const set = smallSet(2, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  const file = join(out, 'run.db');
  expect((await sweepCli(set, out)).code).toBe(0);
  const db = new Database(file);
  db.prepare('UPDATE results SET result = ?').run(Buffer.from('no compressed text'));
  db.close();
  const said = [`${file}: the run is damaged`, 'is not compressed text', 'restore it from a copy'];
  expectFailure(await sweepCli(set, out), 4, said);
  const { code, stderr } = await sweepCli(set, out, '--do', 'suppress'); // which takes what was located
  expect(code).toBe(4);
  for (const part of said) expect(stderr).toContain(part);
});
