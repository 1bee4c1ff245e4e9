// Ledgers whose rows were changed behind the program's back: what depends on them refuses, and doctor names it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type EditFile, Session } from 'kn-edit';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { FACT, PROMPT } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

function scaling(neurons: number[], factor: number): EditFile {
  return {
    name: `scale by ${factor}`,
    fact: { ...FACT, prompts: [PROMPT] },
    neurons: neurons.map((neuron): [number, number] => [3, neuron]),
    operation: { type: 'scale', factor },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
}

/** Edits 1, 2 and 3 on neurons 1 and 2 of layer 3, one above the other; edit 4 on neuron 5, reverted. */
async function stacked(): Promise<Buffer> {
  const path = join(temporaryDirectory(), 'l.db');
  const session = new Session({ db: path });
  for (const factor of [1.5, 0.5, 1.25]) await session.apply(scaling([1, 2], factor), { control: 'none' });
  await session.apply(scaling([5], 3), { control: 'none' });
  await session.revert('last');
  await session.close();
  return readFileSync(path);
}

const made: { ledger?: Buffer } = {};

/** A session on a ledger in which some rows were changed. */
async function damaged(sql: string): Promise<{ path: string; session: Session }> {
  made.ledger ??= await stacked();
  const path = join(temporaryDirectory(), 'l.db');
  writeFileSync(path, made.ledger);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return { path, session: new Session({ db: path }) };
}

/** Runs commands on a session, and tells which of them refuse. */
async function refusals(session: Session): Promise<string[]> {
  const commands = {
    probe: () => session.probe(PROMPT, undefined, 1),
    'show 1': async () => session.show(1),
    'show 4': async () => session.show(4),
    'revert 1': () => session.revert({ id: 1 }, { dryRun: true }),
    'revert 3': () => session.revert({ id: 3 }, { dryRun: true }),
    'redo 4': () => session.redo(4, { dryRun: true }),
  };
  const refused: string[] = [];
  for (const [name, command] of Object.entries(commands)) {
    await command().catch((error: unknown) => {
      expect(error, name).toMatchObject({ code: 'conflict', message: expect.stringMatching(/ledger/) });
      refused.push(name);
    });
  }
  return refused;
}

const EVERYTHING = ['probe', 'show 1', 'revert 1', 'revert 3', 'redo 4'];

test.each([
  ['nothing', 'SELECT 1', [], []],
  [
    'the vector that the topmost edit left',
    'UPDATE value_vectors SET after = zeroblob(512) WHERE edit_id = 3',
    [...EVERYTHING.filter((one) => one !== 'show 1')],
    [/^the ledger is damaged: edit 3, .* does not match its hash/],
  ],
  [
    'the vector that the lowest edit found',
    'UPDATE value_vectors SET before = zeroblob(512) WHERE edit_id = 1',
    EVERYTHING,
    [/^the ledger is damaged: edit 1, .* does not match its hash/],
  ],
  [
    'the factor of an edit in between',
    'UPDATE value_vectors SET scale = 0.75 WHERE edit_id = 2',
    ['revert 1', 'revert 3'],
    [/^the ledger is damaged: edit 2, .* does not match its hash/],
  ],
  [
    'the direction of a reverted edit',
    'UPDATE value_vectors SET shift = zeroblob(512) WHERE edit_id = 4',
    ['show 4', 'redo 4'],
    [/^the ledger is damaged: edit 4, .* does not match its hash/],
  ],
  [
    'which edit comes first',
    `PRAGMA foreign_keys = OFF;
     UPDATE value_vectors SET edit_id = 9 WHERE edit_id = 1; UPDATE value_vectors SET edit_id = 1 WHERE edit_id = 2;
     UPDATE value_vectors SET edit_id = 2 WHERE edit_id = 9;`,
    EVERYTHING,
    [/edit 1, .* does not match its hash/, /edit 2, .* does not match its hash/],
  ],
  [
    'which edits are applied',
    "UPDATE edits SET status = 'applied' WHERE id = 4",
    ['probe', 'revert 1', 'revert 3', 'redo 4'],
    [/its applied edits do not come to what was recorded of them/],
  ],
  [
    'how many vectors an edit has',
    'DELETE FROM value_vectors WHERE edit_id = 2 AND neuron = 1',
    ['revert 1', 'revert 3'],
    [/^edit 2: has 1 value vectors of 2/, /edit 3 does not fit the model below it/],
  ],
  [
    'a probe of an edit',
    `UPDATE probes SET top = 'no json' WHERE edit_id = 1`,
    ['show 1', 'revert 1', 'revert 3', 'redo 4'],
    [/^the ledger is damaged: top: is not JSON/],
  ],
])('a ledger in which somebody changed %s', async (_, sql, refused, complaints) => {
  const { session } = await damaged(sql);
  expect(new Set(await refusals(session))).toEqual(new Set(refused));
  const found = await session.checkLedger();
  expect(found?.replayed).toBe(true);
  for (const complaint of complaints) {
    expect(found?.complaints).toContainEqual(expect.stringMatching(complaint));
  }
  expect(found?.complaints.length === 0).toBe(complaints.length === 0);
  await session.close();
});

test('a changed factor is named by doctor, and no redo writes over what it is checked against', async () => {
  const { path, session } = await damaged('UPDATE value_vectors SET scale = 2.5 WHERE edit_id = 4');
  await expect(session.redo(4)).rejects.toThrow(
    'edit 4, layer 3, neuron 5: what is stored does not match its hash',
  );
  await session.close();
  const doctor = await runCli(['doctor', '--db', path]);
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/edit 4, layer 3, neuron 5/);
  const db = new Database(path);
  db.exec('UPDATE value_vectors SET scale = 3 WHERE edit_id = 4');
  db.close();
  const healed = new Session({ db: path });
  const { edits } = await healed.redo(4);
  expect(edits[0]?.vectors).toMatchObject([{ layer: 3, neuron: 5, matches: true }]);
  expect(await healed.checkLedger()).toEqual({ complaints: [], replayed: true });
  await healed.close();
});

test('what is nested without end is named, and refused', async () => {
  const { path, session } = await damaged(
    "UPDATE edits SET specification = replace(hex(zeroblob(50000)), '00', '[') || replace(hex(zeroblob(50000)), '00', ']') WHERE id = 1",
  );
  expect(() => session.show(1)).toThrow(/^the ledger is damaged: specification: is nested too deeply/);
  expect((await session.checkLedger())?.complaints).toEqual([expect.stringContaining('nested too deeply')]);
  await session.close();
  expect((await runCli(['show', '1', '--db', path, '--json'])).code).toBe(4);
});

test('a specification of 300,000 fields is shown', async () => {
  const { path, session } = await damaged(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300000)
     UPDATE edits SET specification = (SELECT json_group_object('field' || n, n) FROM numbers) WHERE id = 1`,
  );
  await session.close();
  const shown = await runCli(['show', '1', '--db', path]);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/field300000 +300000$/m);
  expect((await runCli(['diff', '1', '2', '--db', path])).code).toBe(0);
});

test('a look at a ledger can be interrupted', async () => {
  const { session } = await damaged('SELECT 1');
  await session.model();
  const abort = new AbortController();
  const looking = session.checkLedger({ signal: abort.signal });
  abort.abort();
  await expect(looking).rejects.toMatchObject({ exitCode: 130 });
  expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
  await session.close();
});

test('a ledger without its model is checked as far as it goes', async () => {
  const { session } = await damaged('UPDATE value_vectors SET scale = 2.5 WHERE edit_id = 4');
  expect(await session.checkLedger()).toEqual({
    complaints: [expect.stringContaining('edit 4, layer 3, neuron 5')],
    replayed: false,
  });
  await session.close();
});
