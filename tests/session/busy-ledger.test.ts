// A ledger that another program is writing to: who writes waits for it, without standing in anybody's way.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { InterruptedError, Session } from 'kn-edit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Edits } from '../../dist/ledger/edits.js';
import { ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const EDIT = join(ROOT, 'edits/suppress-country.json');

/** A session on a ledger with one edit, and the lock of another program on it. */
async function lockedLedger() {
  const db = join(temporaryDirectory(), 'ledger.db');
  const session = new Session({ db });
  onTestFinished(() => session.close());
  await session.apply(session.read(EDIT), { allowRegressions: true, seeds: 1 });
  const other = new Database(db);
  onTestFinished(() => {
    other.close();
  });
  other.exec('BEGIN IMMEDIATE');
  return { session, other };
}

/** Calls back again and again from the first attempt to write on. @returns the attempts */
function onceTried(tick: () => void) {
  const attempts = vi.spyOn(Edits.prototype, 'restack');
  const timer = setInterval(() => attempts.mock.calls.length > 0 && tick(), 50);
  onTestFinished(() => {
    clearInterval(timer);
    attempts.mockRestore();
  });
  return attempts;
}

test('is waited for, while timers go on', async () => {
  const { session, other } = await lockedLedger();
  let ticks = 0;
  const attempts = onceTried(() => ++ticks === 3 && other.exec('ROLLBACK'));
  expect((await session.revert({ id: 1 })).status).toBe('reverted');
  expect(ticks).toBeGreaterThanOrEqual(3);
  expect(attempts.mock.calls.length).toBeGreaterThan(1);
  expect(session.history()[0]?.status).toBe('reverted');
});

test('is not waited for by who is told to stop', async () => {
  const { session } = await lockedLedger();
  const abort = new AbortController();
  onceTried(() => abort.abort());
  const reverting = session.revert({ id: 1 }, {}, { signal: abort.signal });
  await expect(reverting).rejects.toThrow(InterruptedError);
  expect(session.history()[0]?.status).toBe('applied');
});

test('can be read, and a fact located on it', async () => {
  const { session } = await lockedLedger();
  const { fact } = session.read(EDIT);
  const maps = await session.map({ ...fact, prompts: fact.prompts.slice(0, 1) }, { maxGeneric: 1 });
  expect(session.localize(maps, { maxGeneric: 1, minPrompts: 1 })?.localization.prompts).toHaveLength(1);
});
