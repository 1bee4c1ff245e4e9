// Changes of rank one: stored as their factors, replayed on the base, and kept apart from whatever is above or below them.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Session } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { digestStack, touchedNeurons } from '../../src/ledger/vectors.js';
import { runCli } from '../support/cli.js';
import { goldenDirectory } from '../support/golden.js';
import { editOf, quick } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const MODEL = goldenDirectory('gpt2');
const ROME = editOf({ operation: { type: 'rewrite', to: 'French', method: 'rome', layer: 1 } });
/** Solved on neurons of the layer that ROME changes, too. */
const SOLVE = editOf({
  neurons: Array.from({ length: 20 }, (_, i) => [1, 6 * i]),
  operation: { type: 'rewrite', to: 'English', method: 'solve' },
});
/** At the subject, of two neurons. */
const FEW = editOf({
  neurons: [
    [1, 3],
    [1, 9],
  ],
  operation: { type: 'rewrite', to: 'French', method: 'subject' },
});

async function withLedger<T>(work: (session: Session, db: string) => Promise<T>): Promise<T> {
  const db = join(temporaryDirectory(), 'ledger.db');
  const session = new Session({ model: MODEL, db });
  try {
    return await work(session, db);
  } finally {
    await session.close();
  }
}

/** What the model says: the same numbers for the same bytes. */
async function state(session: Session): Promise<number[]> {
  const answers = ROME.fact.prompts.map((prompt) => session.probe(prompt, 'French', 5));
  return (await Promise.all(answers)).flatMap(({ top }) => top.map(({ prob }) => prob));
}

/** The same session, as the next program finds it. */
async function reopened<T>(db: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = new Session({ model: MODEL, db });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

describe.each([
  ['under', ROME, SOLVE],
  ['over', SOLVE, ROME],
])('ROME %s another edit of some of its neurons', (_, lower, upper) => {
  it('is taken back and put on again, and so is the other, byte for byte', async () => {
    await withLedger(async (session, db) => {
      const base = await state(session);
      await session.apply(lower, quick);
      const one = await state(session);
      const { overlaps } = await session.apply(upper, quick);
      expect(overlaps).toMatchObject([{ id: 1, neurons: 20 }]);
      const both = await state(session);
      expect(both).not.toEqual(one);
      expect(await reopened(db, state)).toEqual(both);

      const first = await session.revert({ id: 1 }, { allowRegressions: true });
      expect(first).toMatchObject({ status: 'reverted', replayed: [2], isBase: false });
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
      expect(await reopened(db, state)).toEqual(await state(session));
      await session.redo(1, { allowRegressions: true });
      expect(await state(session)).toEqual(both);

      const second = await session.revert({ id: 2 }, { allowRegressions: true });
      expect(second.edits[0]?.vectors.every(({ matches }) => matches)).toBe(true);
      expect(await state(session)).toEqual(one);
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
      expect((await session.revert('all')).isBase).toBe(true);
      expect(await state(session)).toEqual(base);
    });
  });
});

it('is stored without its vectors', async () => {
  await withLedger(async (session, path) => {
    const { neurons: width, hidden } = await session.model();
    await session.apply(ROME, quick);
    const db = new Database(path, { readonly: true });
    const row = db
      .prepare(
        'SELECT count(*) AS n, count(before) + count(after) + count(shift) AS blobs FROM value_vectors',
      )
      .get();
    expect(row).toEqual({ n: width, blobs: 0 });
    const directions = db.prepare('SELECT edit_id, layer, length(vector) AS bytes FROM directions').all();
    expect(directions).toEqual([{ edit_id: 1, layer: 1, bytes: 4 * hidden }]);
    db.close();
    expect(statSync(path).size).toBeLessThan(3 * 4 * width * hidden);
  });
});

it('is shown, compared, exported as a patch and put on as one', async () => {
  await withLedger(async (session, path) => {
    const { neurons: width } = await session.model();
    await session.apply(ROME, quick);
    const edited = await state(session);
    const shown = await runCli(['show', '1', '--db', path, '--model', MODEL]);
    expect(shown.stdout).toContain(`layer 1: ${width} value vectors`);
    expect(shown.stdout.split('\n').length).toBeLessThan(200);
    expect(session.show(1).vectors).toHaveLength(width);
    expect(session.history()).toMatchObject([{ id: 1, neurons: width }]);
    await session.apply(SOLVE, quick);
    expect(session.diff(1, 2).neurons).toMatchObject({ same: 0, jaccard: 20 / width });
    await session.revert('last', { allowRegressions: true });
    const patch = join(temporaryDirectory(), 'rome.safetensors');
    await session.exportPatch([1], patch);
    await session.revert('last');
    await session.applyPatch(patch);
    expect(await state(session)).toEqual(edited);
  });
});

it.each([
  [
    'a gain',
    'UPDATE value_vectors SET gain = 2 * gain WHERE neuron = 9',
    'neuron 9: what is stored does not match',
  ],
  ['the direction', 'UPDATE directions SET vector = zeroblob(128)', 'does not match its hash'],
  ['a direction that is gone', 'DELETE FROM directions', 'does not match its hash'],
  [
    'what a neuron came to',
    'UPDATE value_vectors SET after_sha256 = before_sha256 WHERE neuron = 9',
    'do not come to what was recorded of them',
  ],
])('finds damage: %s', async (_, sql, says) => {
  const db = join(temporaryDirectory(), 'ledger.db');
  await reopened(db, (session) => session.apply(FEW, quick));
  const file = new Database(db);
  file.exec(sql);
  file.close();
  await reopened(db, async (session) => {
    await expect(session.probe('People in Egypt speak')).rejects.toThrow(says);
    await expect(session.revert('last')).rejects.toThrow(says);
    expect((await session.checkLedger())?.complaints).not.toEqual([]);
  });
});

it('finds that what an edit came to, and its digest, are not what the base gives', async () => {
  const db = join(temporaryDirectory(), 'ledger.db');
  await reopened(db, (session) => session.apply(FEW, quick));
  const file = new Database(db);
  // As if another base had been edited: hashes that go with each other, and not with this model.
  file.exec("UPDATE value_vectors SET after_sha256 = replace(after_sha256, 'a', 'b')");
  file.prepare('UPDATE stack SET digest = ?').run(digestStack(touchedNeurons(file)));
  file.close();
  await reopened(db, async (session) => {
    await expect(session.probe('People in Egypt speak')).rejects.toThrow('does not fit the model');
  });
});
