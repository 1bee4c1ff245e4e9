// Two processes on one ledger: conflicts are told and retried, nothing is lost, and all of it can be taken back.
import { join } from 'node:path';
import { Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.js';
import { checkLedgerFile, startWorker } from './workers.js';

const OPERATIONS = Number(process.env.KN_EDIT_RACE_OPERATIONS ?? 10);

it(`lets both do ${OPERATIONS} operations`, { timeout: 120_000 + 6_000 * OPERATIONS }, async () => {
  const path = join(temporaryDirectory(), 'ledger.db');
  const workers = [1, 2].map((seed) => startWorker(path, seed, OPERATIONS));
  for (const { ended, stderr } of workers) {
    expect({ code: await ended, stderr: stderr() }).toEqual({ code: 0, stderr: '' });
  }
  const lines = workers.flatMap((worker) => worker.lines);
  const count = (line: string) => lines.filter((one) => one === line).length;
  const found = await checkLedgerFile(path);
  expect(found.size).toBe(lines.filter((line) => line.startsWith('applied')).length);
  for (const [id, status] of found) {
    // Each edit goes on and off in turn, whoever does it.
    expect(count(`applied ${id}`)).toBe(1);
    const on = 1 + count(`redone ${id}`) - count(`reverted ${id}`);
    expect(on, `edit ${id}`).toBe(status === 'applied' ? 1 : 0);
  }

  const session = new Session({ db: path });
  if ([...found.values()].includes('applied')) {
    const { edits } = await session.revert('all'); // newest first
    const oldest = new Map(
      edits.flatMap(({ vectors }) => vectors.map((one) => [`${one.layer},${one.neuron}`, one])),
    );
    expect([...oldest.values()].every(({ matches }) => matches)).toBe(true);
  }
  expect(session.history().every(({ status }) => status === 'reverted')).toBe(true);
  await session.close();
  console.log(
    `2 processes, ${2 * OPERATIONS} operations, ${count('conflict')} conflicts retried, ` +
      `${found.size} edits whole`,
  );
});
